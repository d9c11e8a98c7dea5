"""Frameworks that the audited Python does not hold: what is left to audit, and what need not be shown."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ..catalogue.catalogue import CheckInfo
from ..errors import NothingToAuditError
from ..frameworks import FRAMEWORKS
from ..interpreter.discovery import Audited
from ..manifest.queries import OWN
from .plan import process_of

WITHOUT = "`auditor probe` reads facts without a framework, and `--check python-hash-seed` needs none."


def of(audited: Audited) -> tuple[str, ...]:
    """The frameworks that are not installed in the audited Python."""
    return tuple(name for name in FRAMEWORKS if name not in audited.frameworks)


def refuse_nothing(
    audited: Audited,
    checks: Sequence[CheckInfo],
    *,
    frameworks: Sequence[str] = (),
    only: Sequence[str] = (),
    require: Sequence[str] = (),
    of_program: bool = False,
) -> None:
    """
    Raise NothingToAuditError if a framework of `--framework` is absent, or all that the checks need.

    Checks of Python and of the environment are something to audit only if `--check`, `--require` or `--checks-from`
    asks for one: alone they say nothing about an experiment. Without `--check` any framework is enough. `of_program`
    says that the Python is that of a program that was run, which --python cannot change.
    """
    if lost := [name for name in frameworks if name in of(audited)]:
        raise _nothing(lost, audited, of_program=of_program)
    asked = {*only, *require}
    if any(not process_of(check) and (check.id in asked or check.id.startswith(OWN)) for check in checks):
        return
    wanted = [name for name in FRAMEWORKS if not only or name in {process_of(check) for check in checks}]
    if wanted and not {*wanted} & {*audited.frameworks}:
        raise _nothing(wanted, audited, of_program=of_program)


def measured_nowhere(checks: Sequence[CheckInfo], absent: Collection[str]) -> set[str]:
    """The ids of the checks that need an absent framework."""
    return {check.id for check in checks if process_of(check) in absent}


def _nothing(lost: Sequence[str], audited: Audited, *, of_program: bool) -> NothingToAuditError:
    *first, last = lost
    names = f"neither {', '.join(first)} nor {last} is" if first else f"{last} is not"
    way = (
        "Run the program with a Python that has one." if of_program else "Name your experiment's Python with --python."
    )
    return NothingToAuditError(
        f"nothing to audit: {names} installed in {audited.path}",
        f"Nothing was measured and nothing was written. {way} {WITHOUT}",
    )
