"""Recorders of plain Python and NumPy: draws, seeds, input from outside, tasks, statements."""
