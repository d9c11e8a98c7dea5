"""Factors inside the audited process: perturbations and wrappers that put one into effect."""
