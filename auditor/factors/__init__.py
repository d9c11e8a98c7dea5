"""Factors and cures: what a process can be started with differently, and which variables decide it."""
