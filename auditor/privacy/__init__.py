"""Finds identifying and secret values, and replaces them in everything that is written."""
