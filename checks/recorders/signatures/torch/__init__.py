"""Signatures of torch's operators, eager and inside compiled regions."""
