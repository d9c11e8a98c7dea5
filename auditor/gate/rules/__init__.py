"""Rules of the gate: small pure objects, each with its reason in the result."""
