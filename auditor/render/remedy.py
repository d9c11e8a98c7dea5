"""
A remedy as shell exports, Dockerfile lines, a Python snippet, readable text and JSON.

Everything in it may come from an untrusted manifest: values are quoted for the output format, invalid names are refused
(ValueError), and all other text is written as one-line comments.
"""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

from ..factors.cures import CURES, IMPORTS, too_late_inside
from ..factors.flag_lists import LISTS_OF_FLAGS
from ..quoting import dockerfile
from ..quoting.inert import visible
from ..remedy.model import Choice, Remedy, RemedyProof, status_of
from .brief import JSON, whole_items

WIDTH_CHARACTERS = 88
REASON_CHARACTERS = 600
HOW_MEASURED = (
    "Time is that of the checks' measurements, without imports: medians of runs that alternate with and without the "
    "remedy on this machine. The checks call many operators that a switch slows down: measure your own program too."
)
PROVEN = {"cured": "proven", "not cured": "NOT cured", "not proven": "not proven", "not measured": "not measured"}
Proofs = Sequence[RemedyProof] | None


def shell(remedy: Remedy, head: Sequence[str], proofs: Proofs = None) -> str:
    """Exports for a POSIX shell; flags are appended to those that are already set."""
    lines = [_comment(line) for line in head]
    for name, (values, checks) in remedy.variables().items():
        lines += [_comment(_cures(remedy, checks, proofs)), f"export {dockerfile.variable(name)}={_word(name, values)}"]
    return _joined(lines + _code_comments(remedy, proofs) + _rest_comments(remedy, proofs))


def _word(name: str, values: Sequence[str]) -> str:
    """A value as one word of a shell."""
    wanted = shlex.quote(_one_line(" ".join(values)))
    return f'"${{{name}:+${name} }}"{wanted}' if name in LISTS_OF_FLAGS else wanted


def containerfile(remedy: Remedy, head: Sequence[str], proofs: Proofs = None) -> str:
    """ENV lines of a Dockerfile."""
    lines = [_comment(line) for line in head]
    for name, (values, checks) in remedy.variables().items():
        lines.append(_comment(_cures(remedy, checks, proofs)))
        if name in LISTS_OF_FLAGS:
            lines.append(_comment(f"this ENV replaces the base image's {name}: put its flags, if it has any, in front"))
        lines.append(f"ENV {dockerfile.variable(name)}={dockerfile.double_quoted(' '.join(values))}")
    return _joined(lines + _code_comments(remedy, proofs) + _rest_comments(remedy, proofs))


def python(remedy: Remedy, head: Sequence[str], proofs: Proofs = None) -> str:
    """A module to import before any framework: variables first, then the frameworks that need code lines."""
    variables = remedy.variables()
    lines = [*(_comment(line) for line in head), *(["import os", "import sys"] if variables else [])]
    if any(not too_late_inside(name) for name in variables):
        names = ", ".join(repr(name) for name in IMPORTS)
        lines += ["", f"if not sys.modules.keys().isdisjoint(({names})):"]
        lines += ['    raise SystemExit("import this before any framework: frameworks read the environment on import")']
    for name, (values, checks) in variables.items():
        lines += ["", _comment(_cures(remedy, checks, proofs)), *_assignment(str(dockerfile.variable(name)), values)]
    for framework, told in remedy.code().items():
        lines += ["", IMPORTS[framework]]
        for line, checks in told:
            lines += [_comment(_cures(remedy, checks, proofs)), line]
    return _joined([*lines, *(["", *rest] if (rest := _rest_comments(remedy, proofs)) else [])])


def _assignment(name: str, values: Sequence[str]) -> list[str]:
    wanted = ascii(_one_line(" ".join(values)))
    if too_late_inside(name):
        told = ascii(f"start this program with {name}={' '.join(values)}: the program itself sets it too late")
        return [f'if os.environ.get("{name}") != {wanted}:', f"    raise SystemExit({told})"]
    if name in LISTS_OF_FLAGS:
        return [f'os.environ["{name}"] = (os.environ.get("{name}", "") + " " + {wanted}).strip()']
    return [f'os.environ["{name}"] = {wanted}']


FORMATS: dict[str, Callable[[Remedy, Sequence[str], Proofs], str]] = {
    "shell": shell,
    "dockerfile": containerfile,
    "python": python,
}
"""The values of `--format`."""


def text(remedy: Remedy, head: Sequence[str], proofs: Proofs = None) -> str:
    """The whole remedy as readable text."""
    lines = [visible(line) for line in head] + [""]
    if remedy.choices:
        lines += ["What to set", *(line for choice in remedy.choices for line in _choice(choice, remedy, proofs)), ""]
        for name, render in (("shell", shell), ("Dockerfile", containerfile), ("Python, before any framework", python)):
            lines += [f"As {name}:", *(f"    {line}".rstrip() for line in render(remedy, (), proofs).splitlines()), ""]
    elif not remedy.by_hand:
        lines += ["No check failed, so there is nothing to cure.", ""]
    if remedy.by_hand:
        lines += ["No setting cures these findings; what to do by hand", *_by_hand(remedy), ""]
    if proofs:
        lines += ["RemedyProof", *(line for proof in proofs for line in _proof(proof)), ""]
        if any(proof.ratio for proof in proofs):
            lines += [*textwrap.wrap(HOW_MEASURED, WIDTH_CHARACTERS), ""]
    lines += [line for note in remedy.notes for line in textwrap.wrap(visible(note), WIDTH_CHARACTERS)]
    return _joined(lines)


def _choice(choice: Choice, remedy: Remedy, proofs: Proofs) -> list[str]:
    treatment = choice.treatment
    parts = [f"{name}={value}" for name, value in treatment.variables] + [*treatment.code]
    meaning = f" ({CURES[treatment.cure].meaning})" if treatment.cure in CURES else ""
    return _item(f"{'; '.join(parts)}{meaning}: {_cures(remedy, choice.cures, proofs)}")


def _by_hand(remedy: Remedy) -> list[str]:
    lines = []
    for finding in remedy.by_hand:
        packages = f" Change the version of {', '.join(finding.packages)}." if finding.packages else ""
        reason = f" ({finding.reason})" if finding.reason else ""
        told = finding.remedy or "the check names no remedy"
        lines += _item(f"{finding.check} [{finding.severity}]{reason}:{packages} {told}")
    return lines


def _proof(proof: RemedyProof) -> list[str]:
    return _item(
        f"{proof.check}: {PROVEN[proof.status]}; {whole_items(proof.reason, JSON, REASON_CHARACTERS)}{cost(proof)}"
    )


def cost(proof: RemedyProof) -> str:
    """The time ratio of one check with and without the remedy, as a clause; empty without enough timed runs."""
    if proof.ratio is None:
        return ""
    ranges = (f"{min(seconds):.2f} to {max(seconds):.2f}" for seconds in (proof.seconds_without, proof.seconds_with))
    return f"; time {proof.ratio:.2f} times ({' s, with it '.join(ranges)} s; {len(proof.seconds_with)} runs each)"


def document(remedy: Remedy, proofs: Proofs) -> dict[str, Any]:
    """One JSON object for machines."""
    return {
        "environment": {
            name: {"value": " ".join(values), "cures": [*checks], "beforeStart": too_late_inside(name)}
            for name, (values, checks) in remedy.variables().items()
        },
        "code": {
            framework: [{"line": line, "cures": [*checks]} for line, checks in told]
            for framework, told in remedy.code().items()
        },
        "findings": {
            check: {"severity": severity, "remedy": _standing(remedy, check), "proof": _proof_object(proofs, check)}
            for check, severity in remedy.severities.items()
        },
        "byHand": [
            {"check": one.check, "remedy": one.remedy, "packages": [*one.packages], "reason": one.reason}
            for one in remedy.by_hand
        ],
        "notes": [*remedy.notes],
    }


def _standing(remedy: Remedy, check: str) -> str:
    return "by hand" if any(one.check == check for one in remedy.by_hand) else remedy.standing(check)


def _proof_object(proofs: Proofs, check: str) -> dict[str, Any] | None:
    found = next((proof for proof in proofs or () if proof.check == check), None)
    if found is None:
        return None
    return {
        "status": found.status,
        "reason": found.reason,
        "timeRatio": found.ratio,
        "secondsWithout": [*found.seconds_without],
        "secondsWith": [*found.seconds_with],
    }


# --------------------------------------------------------------------------------------------------------- pieces


def _cures(remedy: Remedy, checks: Sequence[str], proofs: Proofs) -> str:
    """The findings that a setting cures, each with its evidence: proven, measured or declared."""
    return "cures " + ", ".join(
        f"{check} ({PROVEN[status] if (status := status_of(proofs or (), check)) else remedy.standing(check)})"
        for check in checks
    )


def _code_comments(remedy: Remedy, proofs: Proofs) -> list[str]:
    """The code lines as comments, for formats that can only set variables."""
    return [
        _comment(f"and in the program, after `{IMPORTS[framework]}`: {line}   ({_cures(remedy, checks, proofs)})")
        for framework, told in remedy.code().items()
        for line, checks in told
    ]


def _rest_comments(remedy: Remedy, proofs: Proofs) -> list[str]:
    """The findings that the remedy does not cure, and the notes, as comments."""
    left = [one.check for one in remedy.by_hand if status_of(proofs or (), one.check) != "cured"]
    lines = [f"no setting cures: {', '.join(left)} (`auditor remedy` says what to do by hand)"] if left else []
    return [_comment(line) for line in (*lines, *remedy.notes)]


def _comment(line: str) -> str:
    return f"# {dockerfile.comment(line)}"


def _one_line(value: str) -> str:
    """The value. Raises ValueError for one that has no literal form on one line."""
    if not dockerfile.usable_value(value):
        raise ValueError("the value has no literal form on one line")
    return value


def _item(line: str) -> list[str]:
    return textwrap.wrap(
        visible(line), WIDTH_CHARACTERS, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False
    )


def _joined(lines: Sequence[str]) -> str:
    return "\n".join([*lines, ""])
