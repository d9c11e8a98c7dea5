"""One line for a footnote, a README or a commit: what came out, the digest, and how to verify it."""

from __future__ import annotations

from ..quoting.inert import visible
from .outcome import outcome
from .paper import reference
from .source import Reported


def render(reported: Reported) -> str:
    """Outcome, tier, date, digest, and the command, which comes last so that it can be copied."""
    told = outcome(reported.manifest.predicate)
    tier = f"tier {reported.manifest.predicate.run.tier}"
    named = reference.named(reported).replace("Manifest ", "manifest ", 1)
    return (
        visible(f"{told.words}; {tier}; {reported.date}; {named}; {reference.how(reported)}: {reported.check}") + "\n"
    )
