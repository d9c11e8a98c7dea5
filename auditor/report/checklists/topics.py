"""What a manifest says about the topics of checklists, each with the fields where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ...manifest.models import Experiment, Predicate
from ...manifest.queries import of_outcome
from ...quoting.inert import as_text, shortened
from ...render import claims
from ..paper import known, left_out, reference, statements
from ..paper.numbers import counted
from ..source import Reported


@dataclass(frozen=True)
class Answer:
    """A draft."""

    text: str
    cites: tuple[str, ...]
    """Keys of facts, ids of findings, fields of the predicate."""


Topic = Callable[[Reported], "Answer | None"]
"""None where the manifest holds nothing about it."""


def _named(told: Iterable[known.Told]) -> Answer | None:
    held = [one for one in told if one.words]
    if not held:
        return None
    return Answer("; ".join(f"{one.label} {one.words}" for one in held) + ".", tuple(one.key for one in held))


def hardware(reported: Reported) -> Answer | None:
    """The machine."""
    return _named(known.hardware(reported.manifest.predicate.facts))


def software(reported: Reported) -> Answer | None:
    """System, frameworks, libraries."""
    return _named(known.software(reported.manifest.predicate.facts))


def compilers(reported: Reported) -> Answer | None:
    """The compilers that the machine has."""
    return _facts(reported, ("compilers.c", "compilers.cxx", "compilers.nvcc", "compilers.hipcc"))


def data(reported: Reported) -> Answer | None:
    """The files of data that were named to the audit."""
    return _facts(reported, ("code.data",))


def _facts(reported: Reported, keys: Sequence[str]) -> Answer | None:
    facts = reported.manifest.predicate.facts
    held = [
        key for key in keys if key in facts and facts[key].state == "value" and facts[key].value not in (None, "", [])
    ]
    said = [f"{key.rpartition('.')[2]}: {shortened(as_text(facts[key].value), 200)}" for key in held]
    return Answer("; ".join(said) + ".", tuple(held)) if held else None


def dependencies(reported: Reported) -> Answer | None:
    """The distributions."""
    count = known.distributions(reported.manifest.predicate.facts)
    if count is None:
        return None
    made = "the manifest lists each with its version, and `auditor container write` makes specifications of it"
    return Answer(f"{counted(count, 'Python distribution', capital=True)}; {made}.", ("python.distributions",))


def code(reported: Reported) -> Answer | None:
    """The commit."""
    facts = reported.manifest.predicate.facts
    commits = [(one.name, one.digest.git_commit) for one in reported.manifest.subject if one.digest.git_commit]
    said = [f"commit {commit}" for _, commit in commits]
    cites = [f"subject {shortened(name, 80)}" for name, _ in commits]
    for key, words in (("code.commit", "commit"), ("code.dirty", "uncommitted changes:")):
        if key in facts and facts[key].state == "value":
            said.append(f"{words} {shortened(as_text(facts[key].value), 80)}")
            cites.append(key)
    return Answer("; ".join(said).capitalize() + ".", tuple(cites)) if said else None


def _commands(predicate: Predicate) -> list[tuple[str, list[str]]]:
    found = [(f"replays.{place}.command", one.command) for place, one in enumerate(predicate.replays)]
    found += [(f"claims.{place}.command", one.command) for place, one in enumerate(predicate.claims)]
    own = predicate.experiment
    return [*found, ("experiment.command", own.command)] if own and own.command else found


def command(reported: Reported) -> Answer | None:
    """What was run under the recorder."""
    held = _commands(reported.manifest.predicate)
    told = "; ".join(shortened(" ".join(words), 200) for _, words in held)
    return Answer(f"What was run: {told}", tuple(field for field, _ in held)) if held else None


def seeds(reported: Reported) -> Answer | None:
    """Whether each generator from which the program draws is seeded."""
    own = reported.manifest.predicate.experiment
    if own is None or not own.seeds:
        return None
    said = [f"{shortened(one.generator, 60)}: {_seeded(one.seeded)}, {counted(one.draws, 'draw')}" for one in own.seeds]
    return Answer(f"Generators that the program draws from: {'; '.join(said)}.", ("experiment.seeds",))


def _seeded(seeded: bool) -> str:  # noqa: FBT001 -- a field of the manifest
    return "seeded at every draw" if seeded else "NOT seeded at every draw"


def runs(reported: Reported) -> Answer | None:
    """How the runs of each replay and claim came out."""
    held = reported.manifest.predicate
    told = [next(statements.replay(one)) for one in held.replays] + [claims.verdict(one) for one in held.claims]
    fields = [f"replays.{place}.{name}" for place in range(len(held.replays)) for name in ("verdict", "runs")]
    fields += [f"claims.{place}.{name}" for place in range(len(held.claims)) for name in ("verdict", "values")]
    return Answer(" ".join(told), tuple(fields)) if told else None


def factors(reported: Reported) -> Answer | None:
    """What moves results."""
    replays = [(place, one) for place, one in enumerate(reported.manifest.predicate.replays) if one.sensitivity]
    told = " ".join([*statements.replay(one)][1] for _, one in replays)
    return Answer(told, tuple(f"replays.{place}.sensitivity" for place, _ in replays)) if replays else None


def outputs(reported: Reported) -> Answer | None:
    """The files whose digests the manifest holds."""
    found = [
        (f"replays.{place}.files", path, digest)
        for place, one in enumerate(reported.manifest.predicate.replays)
        for path, digest in sorted(one.files.items())
    ]
    told = "; ".join(f"{shortened(path, 80)} sha256:{digest}" for _, path, digest in found[:8])
    more = f"; and {len(found) - 8} more" if found[8:] else ""
    return (
        Answer(f"Files of the first run: {told}{more}.", tuple(dict.fromkeys(one[0] for one in found)))
        if found
        else None
    )


def runtime(reported: Reported) -> Answer | None:
    """How long the audited program ran."""
    own = reported.manifest.predicate.experiment
    if own is None or not own.seconds:
        return None
    return Answer(f"One run took {own.seconds:,} s under the recorder{_ended(own)}.", ("experiment.seconds",))


def _ended(own: Experiment) -> str:
    return "" if own.ended == "by-itself" else f", and did not end by itself ({own.ended})"


def checks(reported: Reported) -> Answer | None:
    """The audit of the environment and its bound."""
    if not reported.manifest.predicate.findings:
        return None
    return Answer(statements.checks(reported), ("findings", "run.tier"))


def failures(reported: Reported) -> Answer | None:
    """What failed, and which checks gave no result."""
    findings = reported.manifest.predicate.findings
    failed = of_outcome(findings, "fail")
    if not findings:
        return None
    if not failed:
        return Answer(statements.checks(reported), ("findings",))
    told = f"{counted(len(failed), 'check', capital=True)} of the environment failed: each is cited here."
    return Answer(told, tuple(shortened(one.check, 80) for one in failed))


def unsaid(reported: Reported) -> Answer | None:
    """What was not compared."""
    return Answer(left_out.sentence(reported.manifest.predicate), ("replays", "findings", "run.asked"))


def verify(reported: Reported) -> Answer | None:
    """The digest and the command."""
    told = f"{reference.named(reported)}; {reference.how(reported)} `{reported.check}`"
    return Answer(told, ("payload",))


TOPICS: dict[str, Topic] = {
    "checks": checks,
    "code": code,
    "command": command,
    "compilers": compilers,
    "data": data,
    "dependencies": dependencies,
    "factors": factors,
    "failures": failures,
    "hardware": hardware,
    "left_out": unsaid,
    "outputs": outputs,
    "runs": runs,
    "runtime": runtime,
    "seeds": seeds,
    "software": software,
    "verify": verify,
}
"""The names that `from` in a list may hold."""
ABSENT = {
    "checks": "checks of the environment",
    "code": "the commit of the code",
    "command": "a command that was run",
    "compilers": "compilers",
    "data": "files of data",
    "dependencies": "Python distributions",
    "factors": "what the results depend on (`auditor replay --vary ... --attach`)",
    "failures": "checks of the environment",
    "hardware": "the machine",
    "left_out": "what was not compared",
    "outputs": "digests of output files (`auditor replay --files ... --attach`)",
    "runs": "repeated runs of the experiment (`auditor replay --attach`)",
    "runtime": "the time of a run (`auditor audit -- COMMAND`)",
    "seeds": "seeds of the program (`auditor audit -- COMMAND`)",
    "software": "the software",
    "verify": "its digest",
}
"""What the manifest says nothing about, in words."""
