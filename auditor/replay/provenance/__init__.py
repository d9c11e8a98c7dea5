"""Where a differing value came from: taint propagated from differing records to their origin."""
