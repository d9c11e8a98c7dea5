"""Downloads every locked file into a wheelhouse, and checks its sha256 while it is written."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ...errors import LockError, OutputError
from . import Locked, local
from .client import Client, NotInIndex, Refused, Unreachable, blocks
from .pages import WHEEL, Listed

MOST_FILE_BYTES = 8 << 30
"""The largest wheels of the frameworks are below 4 GiB."""
MOST_SECONDS = 3600.0
NOT_WHOLE = "The wheelhouse is incomplete, and no specification was written."
KEPT = "Complete files are kept: run the command again to continue."


def fill(locked: Locked, folder: Path, told: Callable[[str], None]) -> int:
    """
    Download every locked file into the folder; returns the number of bytes.

    `told(name)` is called before each. A file that is there with the right hash is kept. Raises LockError for one that
    cannot be had or has another hash (it is not kept), OutputError for a folder that cannot be written.
    """
    clients: dict[str, Client] = {}
    total = 0
    try:
        for name, files in sorted(locked.files.items()):
            index = locked.sources.get(name)
            client = clients.setdefault(index.url, Client(index)) if index else None
            for file in files:
                total += _bring(client, file, folder, told)
    finally:
        for client in clients.values():
            client.close()
    return total


def _bring(client: Client | None, file: Listed, folder: Path, told: Callable[[str], None]) -> int:
    """Bring one file unless it is there."""
    if not WHEEL.fullmatch(file.filename):  # a page gives no other; the name becomes a path here
        raise LockError(f"{file.filename!a} is not the name of a wheel", "The file was not written. Lock again.")
    target = folder / file.filename
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if target.is_file() and not target.is_symlink() and local.sha256(target) == file.sha256:
            return 0
        told(file.filename)
        with _content(client, file) as content:
            return _write(content, file, target)
    except (NotInIndex, Refused, Unreachable) as problem:
        raise LockError(f"{file.filename} cannot be downloaded: {problem}", f"{NOT_WHOLE} {KEPT}") from None
    except OSError as problem:
        raise OutputError(
            f"{target} cannot be written: {problem.strerror or problem}", f"{NOT_WHOLE} {KEPT}"
        ) from problem


@contextlib.contextmanager
def _content(client: Client | None, file: Listed) -> Iterator[Iterable[bytes]]:
    """The file's bytes, from this machine or from its index."""
    if file.path is not None:
        yield local.blocks(file.path)
    elif client is None:
        raise NotInIndex("no index is known for it")
    else:
        with client.open(file.url, {"Accept-Encoding": "identity"}) as response:
            yield blocks(response, MOST_FILE_BYTES, MOST_SECONDS)


def _write(content: Iterable[bytes], file: Listed, target: Path) -> int:
    """Write to a temporary file, and rename it only if it has the locked hash."""
    partial = target.with_name(f".{target.name[:200]}.{os.getpid()}.partial")
    state, total = hashlib.sha256(), 0
    try:
        with partial.open("xb") as handle:
            for block in content:
                handle.write(block)
                state.update(block)
                total += len(block)
            handle.flush()
            os.fsync(handle.fileno())
        if state.hexdigest() != file.sha256:
            raise LockError(
                f"{file.filename} is not the locked file: it has sha256:{state.hexdigest()}, not {file.sha256}",
                f"It was changed at its source or in transit, and was removed. {KEPT}",
            )
        partial.replace(target)
    finally:
        with contextlib.suppress(FileNotFoundError):  # renamed, or never made
            partial.unlink()
    return total
