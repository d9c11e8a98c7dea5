"""From an audit's findings to the smallest set of settings that cures them, and the proof that it does."""
