"""Hypotheses about the cause of a divergence, and the interventions that confirm or reject them."""
