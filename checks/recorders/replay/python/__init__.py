"""Recorders of plain Python and NumPy: draws, seeds, outside input, tasks, statements."""
