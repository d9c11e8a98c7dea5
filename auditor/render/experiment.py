"""The verdict on a program in three lines, and its cure as a block to paste; both from the manifest alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from pydantic import JsonValue

from ..manifest import program
from ..manifest.models import Experiment, Finding, Seeding

MOST_SHOWN = 3


def lines(experiment: Experiment, findings: Sequence[Finding]) -> list[str]:
    """Three lines: operators, defects of releases that are reached, seeds. A fourth says what was not seen."""
    told = [_operators(experiment, findings), _reached(findings), _seeds(experiment)]
    if experiment.price:
        told.append(_price(experiment.price))
    if experiment.unseen:
        more = f" (and {len(experiment.unseen) - 1} more)" if len(experiment.unseen) > 1 else ""
        told.append(f"Not seen whole: {experiment.unseen[0]}{more}. What was not seen is unknown.")
    return told


def _price(price: Mapping[str, JsonValue]) -> str:
    """What the determinism switch costs this program: the median ratio, and its spread."""
    if "refused" in price:
        return f"Price of the cure: {price['refused']}."
    ratio, low, high = (float.fromhex(str(price[name])) for name in ("ratio", "lowest", "highest"))
    ratios = price.get("ratios")
    pairs = len(ratios) if isinstance(ratios, list) else 0
    return (
        f"Price of the cure: {ratio:.2f} times the time without it ({low:.2f} to {high:.2f} in {pairs} pairs of runs)."
    )


def _operators(experiment: Experiment, findings: Sequence[Finding]) -> str:
    subject = "Your program calls" if experiment.command else "The program calls"
    count = f"{subject} {experiment.signatures} operator signature{'' if experiment.signatures == 1 else 's'}."
    measured = len(experiment.measured)
    if not measured:
        reasons = Counter(experiment.left_out.values()).most_common(1)
        why = f": {reasons[0][0]}" if reasons else ""
        return f"{count} None was called again here{why}." if experiment.signatures else count
    failed = _failed(findings)
    moving = [one for one in failed if one.get("outcome") == "moves-with-threads"]
    bad = [one for one in failed if one not in moving]
    good = measured - len(bad)
    said = f"{count} {good} repeat{'s' if good == 1 else ''} here"
    if bad:
        shown = ", ".join(_shown(one) for one in bad[:MOST_SHOWN])
        more = f", and {len(bad) - MOST_SHOWN} more" if len(bad) > MOST_SHOWN else ""
        said += f"; {len(bad)} do{'es' if len(bad) == 1 else ''} not: {shown}{more}"
    if moving:
        said += f"; {len(moving)} give{'s' if len(moving) == 1 else ''} other bits with another number of threads"
    rest = experiment.signatures - measured
    return f"{said}; {rest} could not be called again." if rest else f"{said}."


def _failed(findings: Sequence[Finding]) -> list[Mapping[str, JsonValue]]:
    found = program.failed_of(findings, program.OPERATORS)
    held = found.evidence.get("signatures") if found else None
    return [one for one in held.values() if isinstance(one, dict)] if isinstance(held, dict) else []


def _shown(one: Mapping[str, JsonValue]) -> str:
    name = str(one.get("operator", "")).partition("::")[2] or str(one.get("operator", ""))
    where = _place(str(one.get("file", "")), one.get("line"))
    outcome = program.OUTCOMES.get(str(one.get("outcome")), "does not repeat")
    switch = program.switch_of(str(one.get("operator", "")))[1].removeprefix("torch.")
    cure = f"; `{switch}` cures it, measured" if one.get("cured by the switch") else ""
    backward = " backward" if one.get("backward") else ""
    return f"`{name}`{backward}{where} ({outcome}{cure})"


def _place(file: str, line: JsonValue) -> str:
    return f" at {PurePath(file).name}:{line}" if file and isinstance(line, int) and line else ""


def _reached(findings: Sequence[Finding]) -> str:
    claims = [one for one in findings if one.kind == "release" and not program.about_program(one)]
    release = [one for one in claims if one.outcome == "fail"]
    unmeasured = sum(one.outcome in ("error", "inconclusive") for one in claims)
    more = f" {unmeasured} check{'' if unmeasured == 1 else 's'} gave no result." if unmeasured else ""
    if not release:
        return f"Defects of these releases: none was found.{more}"
    by_state: dict[str, list[Finding]] = {"reached": [], "not-reached": [], "unknown": []}
    for one in release:
        by_state[one.reach.state if one.reach else "unknown"].append(one)
    reached = by_state["reached"]
    said = f"Defects of these releases: {len(reached)} reached"
    if reached:
        said += " (" + ", ".join(_named(one) for one in reached[:MOST_SHOWN])
        said += f", and {len(reached) - MOST_SHOWN} more)" if len(reached) > MOST_SHOWN else ")"
    return f"{said}, {len(by_state['not-reached'])} not reached, {len(by_state['unknown'])} unknown.{more}"


def _named(one: Finding) -> str:
    reach = one.reach
    return one.check + (_place(reach.file, reach.line) if reach else "")


def _seeds(experiment: Experiment) -> str:
    seeds = experiment.seeds
    if experiment.ended == "not-run":
        return "Seeds: not known, as the program was not run here."
    if not seeds:
        return "Seeds: no draw from a generator was seen."
    unseeded = [_unseeded(one) for one in seeds if not one.seeded]
    if unseeded:
        return f"Seeds: {'; '.join(unseeded)}."
    seen = "was seen to draw" if experiment.unseen else "draws"
    return f"Seeds: every generator that it {seen} from is seeded ({', '.join(one.generator for one in seeds)})."


def _unseeded(one: Seeding) -> str:
    drawn = f" (drawn{_place(one.file, one.line)})" if one.line else ""
    return f"{one.generator} {'draws before it is seeded' if one.seeded_at else 'is never seeded'}{drawn}"


def reach_text(finding: Finding) -> str:
    """How a finding is reached, or why not; empty for findings without a reach, or of an audit without a program."""
    reach = finding.reach
    if reach is None or not (reach.operator or reach.reason):
        return ""
    state = {"reached": "reached", "not-reached": "not reached", "unknown": "not known"}[reach.state]
    name = reach.operator.partition("::")[2] or reach.operator
    dtype = f" ({reach.dtype}{f' on {reach.device}' if reach.device else ''})" if reach.dtype else ""
    module = f", in module {reach.module}" if reach.module else ""
    direction = " in the backward pass" if reach.backward else ""
    times = f", {reach.count} times" if reach.count else ""
    called = f"`{name}`{dtype}{_place(reach.file, reach.line)}{direction}{module}{times}" if reach.operator else ""
    return ": ".join(part for part in (state, "; ".join(part for part in (called, reach.reason) if part)) if part)


def cure(experiment: Experiment, findings: Sequence[Finding]) -> str:
    """The lines of Python that cure what was measured to be curable, for the beginning of the program; may be empty."""
    unseeded = [one.generator for one in experiment.seeds if not one.seeded]
    wanted = [program.SEED_LINES[name] for name in unseeded if name in program.SEED_LINES]
    cured = [str(one.get("operator", "")) for one in _failed(findings) if one.get("cured by the switch")]
    wanted += [*dict.fromkeys(map(program.switch_of, cured))]
    imports = [*dict.fromkeys(first for first, _ in wanted)]
    return "\n".join([*imports, *([""] if imports else []), *(second for _, second in wanted)])
