"""
What of a manifest goes into a paper: the facts that a reader looks for, and sentences that say what was measured.

`known` selects the facts, `statements` writes the sentences, `latex` and `cite` are the formats.
"""
