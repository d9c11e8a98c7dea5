"""Judges manifests against a project's policy, its baseline and its accepted findings, for CI."""
