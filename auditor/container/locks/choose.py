"""Chooses the audited file among an index's files: by name, version and tags, or by the recorded hash."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from packaging.tags import Tag

from ...manifest.strict_json import shown
from .client import NotInIndex, Refused, Unreachable
from .pages import Listed
from .wanted import Wanted

MOST_INSPECTED = 12
"""Largest number of wheels of one version whose content is read, with two requests each."""

Inspect = Callable[[Listed], frozenset[Tag]]
"""The tags inside a wheel; raises Unreachable, Refused or NotInIndex."""


@dataclass(frozen=True)
class FileChoice:
    """The chosen files of one distribution, or the reason why there are none."""

    files: tuple[Listed, ...] = ()
    """The files whose hashes are listed; several builds of one wheel cannot be distinguished."""
    notes: tuple[str, ...] = ()
    """Notes on them; each is a sentence that begins with its keyword."""
    problem: str = ""
    """Why the distribution is not locked, as a clause."""


def choose(wanted: Wanted, listed: Iterable[Listed], inspect: Inspect) -> FileChoice:
    """Choose among the files of the wanted version."""
    same = list(listed)
    wheels = [one for one in same if one.tags is not None]
    if wanted.sha256:
        exact = tuple(one for one in wheels if one.sha256 == wanted.sha256)
        why = f"it came from an archive with sha256:{wanted.sha256}, and none of these files is that one"
        return FileChoice(exact, problem="" if exact else why)
    found = [one for one in wheels if one.tags == wanted.tags]
    notes = []
    if not found:
        found = _by_inside(wanted, wheels, inspect)
        notes = [f"TAGS: {wanted} ({one.filename}): its name says other tags than its WHEEL file." for one in found]
    if not found:
        return FileChoice(problem=_absent(wanted, same, wheels))
    unhashed = [one for one in found if not one.sha256]
    if unhashed:
        other = f", only {' and '.join(unhashed[0].other_hashes)}" if unhashed[0].other_hashes else ""
        return FileChoice(problem=f"the index gives no sha256 for {unhashed[0].filename}{other}")
    if len(found) > 1:
        notes.append(f"BUILDS: {wanted}: {len(found)} files match ({', '.join(one.filename for one in found)}).")
    notes += [_yanked(wanted, one) for one in found if one.yanked is not None]
    return FileChoice(tuple(found), tuple(notes))


def _by_inside(wanted: Wanted, wheels: list[Listed], inspect: Inspect) -> list[Listed]:
    """The wheels whose WHEEL file has the recorded tags; none if a likely one cannot be read."""
    likely = [one for one in wheels if _likely(wanted.tags, one.tags or frozenset())]
    try:
        return [one for one in likely if inspect(one) == wanted.tags] if len(likely) <= MOST_INSPECTED else []
    except (NotInIndex, Refused, Unreachable):
        return []  # the unread wheel could be the audited one


def _likely(recorded: frozenset[Tag], named: frozenset[Tag]) -> bool:
    """Whether a wheel with these tags could be installed where one with the recorded tags was."""
    machines = {_machine(tag.platform) for tag in recorded}
    interpreters = {tag.interpreter for tag in recorded}
    return any(
        (tag.interpreter in interpreters or tag.interpreter.startswith("py"))
        and (tag.platform == "any" or _machine(tag.platform) in machines)
        for tag in named
    )


def _machine(platform: str) -> str:
    """The processor of a platform's tag: its last word, and the one before in x86_64."""
    words = platform.split("_")
    return "_".join(words[-2:]) if words[-2:-1] == ["x86"] else words[-1]


def _absent(wanted: Wanted, same: list[Listed], wheels: list[Listed]) -> str:
    """Why no wheel is the audited one."""
    recorded = shown(" ".join(sorted(map(str, wanted.tags))))
    sdists = [one for one in same if one.tags is None]
    if not same:
        return "the index has no file of this version"
    if sdists:
        hashed = f"{sdists[0].filename} sha256:{sdists[0].sha256}" if sdists[0].sha256 else sdists[0].filename
        why = "only its source" if not wheels else f"its source and wheels for other tags than {recorded}"
        return (
            f"BUILT on the audited machine, probably: the index has {why}, and a wheel built elsewhere cannot be "
            f"reproduced; the source is {hashed}"
        )
    return f"none of the {len(wheels)} wheels of this version has the recorded tags {recorded}"


def _yanked(wanted: Wanted, one: Listed) -> str:
    words = f": {shown(one.yanked)}" if one.yanked else ", without a reason"
    return f"YANKED: {wanted} ({one.filename}) was withdrawn by its publisher{words}. Locked, since it was audited."
