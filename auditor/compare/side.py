"""One side of a comparison: what a manifest, or a probe's facts, give to compare."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ValidationError

from ..errors import ManifestError
from ..manifest.models import Fact, Finding, Manifest, Reading, Replay
from ..manifest.strict_json import NOTHING_READ, parse

NO_PROBE = {"_type", "payload", "predicate"}
"""Fields of manifests and envelopes: what has one of them is none of a probe, whatever else it says."""
RUN = "run."
"""Beginning of the keys under which an audit's run joins its facts."""


@dataclass(frozen=True)
class Side:
    """Facts, readings and findings of one environment."""

    facts: dict[str, Fact]
    readings: tuple[Reading, ...] = ()
    findings: tuple[Finding, ...] = ()
    payload_sha256: str = ""
    """Which code measured; empty for a probe, which does not say."""
    finished_on: str = ""
    audited: bool = True
    """Whether it is an audit, so that the lack of readings says something."""
    replays: tuple[Replay, ...] = ()
    commits: frozenset[str] = frozenset()
    """Of what it is about."""


def of_manifest(manifest: Manifest) -> Side:
    """The side of an audit. What its run says of set-up and tier joins the facts, under keys of their own."""
    predicate = manifest.predicate
    run = {
        f"{RUN}setup_sha256": Fact(state="value", role="software", value=predicate.run.setup_sha256, source="run"),
        f"{RUN}tier": Fact(state="value", role="volatile", value=predicate.run.tier, source="run"),
    }
    return Side(
        {**predicate.facts, **run},
        tuple(predicate.readings),
        tuple(predicate.findings),
        predicate.auditor.payload_sha256,
        predicate.run.finished_on,
        replays=tuple(predicate.replays),
        commits=frozenset(one.digest.git_commit for one in manifest.subject if one.digest.git_commit),
    )


def is_probe(data: bytes) -> bool:
    """
    Whether these bytes are what `probe --json` prints, of an environment or of a real run (then of its main process).

    Raises ManifestError for what is no strict JSON.
    """
    document = parse(data, "the file")
    return isinstance(document, dict) and "facts" in document and not NO_PROBE & set(document)


def of_probe(data: bytes) -> Side:
    """The side of `probe --json`. Raises ManifestError when its facts are none."""
    facts = parse(data, "the probe")["facts"]
    if not isinstance(facts, dict):
        raise ManifestError("the probe's facts are no JSON object", NOTHING_READ)
    try:
        return Side({key: Fact.model_validate(fact, strict=True) for key, fact in facts.items()}, audited=False)
    except ValidationError as problem:
        raise ManifestError(
            f"the probe holds a fact of another shape ({problem.error_count()} complaints)", NOTHING_READ
        ) from problem
