"""Signatures of JAX's primitives, by the programs in which they are compiled."""
