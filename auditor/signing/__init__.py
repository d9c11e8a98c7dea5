"""Signing and verifying: keys, DSSE envelopes, trust."""
