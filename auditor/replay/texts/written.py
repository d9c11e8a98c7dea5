"""Files of several runs compared by what they hold: as texts, whose times and drawn names are no results."""

from __future__ import annotations

from collections.abc import Sequence

from ..files.written import FileDigest
from ..runs.run import Run
from .differing import StreamTexts, may_differ, texts_in
from .pairing import Pair, paired


def files_differ(runs: Sequence[Run]) -> list[Pair]:
    """The files that differ for certain, whatever the clock says: in bytes that are no text, in words, or by name."""
    return [pair for pair in paired(runs) if certainly_differ(pair, runs)]


def differing_texts(runs: Sequence[Run]) -> list[StreamTexts]:
    """The files whose lines differ in tokens only, so that these may be times."""
    found = (texts_of_file(pair, runs) for pair in paired(runs) if needs_texts(pair))
    return [one for one in found if one is not None]


def certainly_differ(pair: Pair, runs: Sequence[Run]) -> bool:
    """Whether one of the runs lacks the file, or wrote other bytes or words into it."""
    if not pair.whole:
        return True
    files = _there(pair)
    if _are_equal(files) or _is_hidden(files):
        return False
    return not needs_texts(pair) or texts_of_file(pair, runs) is None


def contents_differ(pair: Pair, runs: Sequence[Run]) -> bool:
    """Whether it differs in more than what looks like a time or comes from a gauge."""
    if certainly_differ(pair, runs):
        return True
    texts = texts_of_file(pair, runs) if needs_texts(pair) else None
    return texts is not None and any(not may_differ(texts.at(place), runs) for place in texts.differing())


def hidden(runs: Sequence[Run]) -> list[tuple[str, str]]:
    """Files of which a part could not be decoded, and whose bytes differ: that shows nothing."""
    found = []
    for pair in paired(runs):
        files = _there(pair)
        if pair.whole and not _same_bytes(files) and not files[0].named and _is_hidden(files):
            found.append((pair.name, next(file.hidden for file in files if file.hidden)))
    return found


def needs_texts(pair: Pair) -> bool:
    """Whether its lines have to be compared: every run has them, and they are not equal."""
    files = _there(pair)
    return pair.whole and not _are_equal(files) and all(file.lines and not file.named for file in files)


def texts_of_file(pair: Pair, runs: Sequence[Run]) -> StreamTexts | None:
    """Its lines in each run; None if their words differ."""
    paths = [file.lines for file in _there(pair) if file.lines]
    several = all(len(run.pids) > 1 for run in runs)
    return texts_in(paths, pair.name, [run.names for run in runs], several_writers=several)


def _there(pair: Pair) -> list[FileDigest]:
    return [file for file in pair.files if file is not None]


def _same_bytes(files: Sequence[FileDigest]) -> bool:
    return len({file.sha256 for file in files}) == 1


def _are_equal(files: Sequence[FileDigest]) -> bool:
    """Equal bytes, or equal content; of files whose names alone are compared, nothing differs."""
    if _same_bytes(files) or any(not file.sha256 for file in files):
        return True
    exact = any(file.named for file in files)
    return not exact and all(file.content for file in files) and len({file.content for file in files}) == 1


def _is_hidden(files: Sequence[FileDigest]) -> bool:
    """Whether nothing that was decoded differs, but something was not decoded that may hold times."""
    if any(file.named for file in files) or not any(file.hidden for file in files):
        return False
    return len({file.content for file in files}) == 1
