"""
Leaves out what `tf.summary` computes: it converts what a program logs, durations too, to tensors, and writes them.

Nothing reads these tensors but the writer of the log. What was logged is compared as the log's content.
"""

from __future__ import annotations

import functools

WRITERS = ("audio", "histogram", "image", "scalar", "text", "write")


def follow(recorder, summary):
    """Wrap the functions of the module `tf.summary` that write."""
    for name in WRITERS:
        plain = getattr(summary, name, None)
        if plain is not None:
            setattr(summary, name, _unrecorded(recorder, plain))


def _unrecorded(recorder, plain):
    @functools.wraps(plain)
    def written(*arguments, **named):
        before = getattr(recorder.local, "busy", False)
        recorder.local.busy = True
        try:
            return plain(*arguments, **named)
        finally:
            recorder.local.busy = before

    return written
