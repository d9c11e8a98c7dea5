"""Runs of the experiment: starting them, their output, and facts that a whole trace gives."""
