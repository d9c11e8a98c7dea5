"""Sides for tests of the comparison, in few words."""

from __future__ import annotations

from auditor.compare import Side
from auditor.manifest.models import Fact, Finding, Reading

PAYLOAD = "0f" * 32


def value(content, role="software"):
    """A fact with a value."""
    return Fact(state="value", role=role, value=content)


def blind(state, reason="nobody looked", role="software"):
    """A fact without a value."""
    return Fact(state=state, role=role, reason=reason)


def side(*, readings=(), findings=(), payload=PAYLOAD, audited=True, **facts):
    """A side; facts by keyword, with two underscores for each dot of the key, as plain values or facts."""
    return Side(
        {
            key.replace("__", "."): content if isinstance(content, Fact) else value(content)
            for key, content in facts.items()
        },
        tuple(readings),
        tuple(findings),
        payload if audited else "",
        audited=audited,
    )


def reading(values, check="torch-same-seed", process="torch-1", repeat=0, **settings):
    """A reading; settings by keyword, with an underscore for a hyphen."""
    named = {name.replace("_", "-"): text for name, text in settings.items()}
    return Reading(check=check, process=process, repeat=repeat, settings=named, values=values)


def finding(outcome, check="torch-same-seed", framework="torch"):
    """A finding of that outcome."""
    return Finding(
        check=check, framework=framework, outcome=outcome, severity="high", title="It holds.", message=f"was {outcome}"
    )
