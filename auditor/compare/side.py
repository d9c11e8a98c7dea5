"""One side of a comparison, from a manifest or from the output of a probe."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ValidationError

from ..errors import ManifestError
from ..manifest.models import Experiment, Fact, Finding, Manifest, Reading, Replay
from ..manifest.strict_json import NOTHING_READ, parse

NO_PROBE = {"_type", "payload", "predicate"}
"""Fields of manifests and envelopes; a document with one of them is not the output of a probe."""
RUN = "run."
"""Key prefix of the facts about an audit's run."""


@dataclass(frozen=True)
class Side:
    """Facts, readings and findings of one environment."""

    facts: dict[str, Fact]
    readings: tuple[Reading, ...] = ()
    findings: tuple[Finding, ...] = ()
    payload_sha256: str = ""
    """The digest of the code that measured; empty for a probe, which does not record it."""
    finished_on: str = ""
    audited: bool = True
    """Whether it is an audit, so that missing readings matter."""
    replays: tuple[Replay, ...] = ()
    commits: frozenset[str] = frozenset()
    """The commits among its subjects."""
    experiment: Experiment | None = None
    """The program that the audit is about."""


def of_manifest(manifest: Manifest) -> Side:
    """The side of an audit; the set-up file and tier of its run are added as facts."""
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
        experiment=predicate.experiment,
        commits=frozenset(one.digest.git_commit for one in manifest.subject if one.digest.git_commit),
    )


def is_probe(data: bytes) -> bool:
    """
    Whether these bytes are the output of `probe --json`, of an environment or of a real run (its main process).

    Raises ManifestError for anything but strict JSON.
    """
    document = parse(data, "the file")
    return isinstance(document, dict) and "facts" in document and not NO_PROBE & set(document)


def of_probe(data: bytes) -> Side:
    """The side of `probe --json`. Raises ManifestError if it has no valid facts."""
    facts = parse(data, "the probe")["facts"]
    if not isinstance(facts, dict):
        raise ManifestError("the probe's facts are not a JSON object", NOTHING_READ)
    try:
        return Side({key: Fact.model_validate(fact, strict=True) for key, fact in facts.items()}, audited=False)
    except ValidationError as problem:
        raise ManifestError(
            f"the probe holds an invalid fact ({problem.error_count()} errors)", NOTHING_READ
        ) from problem
