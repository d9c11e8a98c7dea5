"""Chooses the smallest set of settings that cures an audit's findings, and proves that it does."""
