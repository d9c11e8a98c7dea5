"""The catalogue of checks: what the payload declares, validated and cached, and the contracts it covers."""
