"""
Writes a folder atomically: into a staging folder under a lock, which is then renamed.

The staging folder `.NAME.partial` beside `NAME` holds the lock file and the folder `content`, which is renamed to
`NAME`. The lock is a `flock`: the kernel releases it when its process dies, which reveals remains of a killed audit.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn

from ..errors import OutputError, UsageError
from ..signing.enclosing import refuse_inside_signed
from ..signing.folder import GIT_FILES

if TYPE_CHECKING:
    from filelock import BaseFileLock

IGNORED, TRACKED = ".gitignore", ".gitattributes"
"""What git is told by a folder: to leave it out, or to keep its bytes (no change of line endings)."""
LOCK_NAME = "auditor.lock"
CONTENT_NAME = "content"
SUFFIX = ".partial"
LOCK_ATTEMPTS = 100
"""A failed attempt means that another process removed its staging folder at that moment."""
LOCK_WAIT_SECONDS = 0.05
"""`filelock` opens the file anew within this time if its owner removes it between opening and locking."""
LOCK_POLL_SECONDS = 0.01
PID_LIMIT_BYTES = 32
UNWRITTEN = "Nothing was measured and nothing was written. Name another folder with --output."


def staging_of(output: Path) -> Path:
    """The hidden staging folder beside an output."""
    return output.with_name(f".{output.name}{SUFFIX}")


class Staging:
    """
    Writes one folder: a context manager around the whole audit, so that errors occur before anything is measured.

    Raises UsageError on entry if the output is not empty or cannot be replaced by a rename, OutputError if it cannot be
    written or another process is writing it. Without `commit` nothing remains. Git leaves the folder out, unless it is
    to be `tracked`.
    """

    def __init__(self, output: Path, *, tracked: bool = False) -> None:
        self.output = Path(os.path.realpath(output))
        self._for_git = TRACKED if tracked else IGNORED
        self._partial = staging_of(self.output)
        self._content = self._partial / CONTENT_NAME
        self._lock: BaseFileLock | None = None
        self._made: list[Path] = []

    def __enter__(self) -> Staging:  # noqa: PYI034 -- typing.Self needs Python 3.11; nobody inherits from this class
        """Check the output, lock its staging folder, and remove what a killed process left."""
        _refuse_taken(self.output)
        refuse_inside_signed(self.output, "Name another folder with --output.")
        self._made = [folder for folder in self.output.parents if not folder.exists()]
        try:
            self.output.parent.mkdir(parents=True, exist_ok=True)
            self._sweep()
            self._acquire()
            _refuse_taken(self.output)  # again: another audit may have finished before we had the lock
            (self._partial / IGNORED).write_bytes(GIT_FILES[IGNORED])
            self._content.mkdir()
            self.write(self._for_git, GIT_FILES[self._for_git])
        except OSError as problem:
            self._release()
            raise OutputError(f"{self.output} cannot be written: {problem.strerror or problem}", UNWRITTEN) from problem
        except BaseException:
            self._release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the staging, with everything in it that was not committed."""
        self._release()

    def write(self, relative: str, data: bytes | Iterable[bytes]) -> None:
        """
        Write one new file in the folder, from its bytes or from parts of them.

        Raises OutputError if that fails, ValueError for a path outside of the folder.
        """
        parts = Path(relative).parts
        if not parts or Path(relative).is_absolute() or ".." in parts:
            raise ValueError(f"not a path inside the folder: {relative!r}")
        path = self._content.joinpath(*parts)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as handle:
                handle.writelines([data] if isinstance(data, bytes) else data)
        except OSError as problem:
            self._fail(f"{relative} cannot be written", problem)

    def commit(self) -> Path:
        """Sync the folder to disk and rename it to the output. Raises OutputError, never overwrites."""
        try:
            _sync(self._content)
            self._content.rename(self.output)
            _sync_one(self.output.parent)
        except OSError as problem:
            self._fail("the finished folder cannot be put in its place", problem)
        return self.output

    def _fail(self, what: str, problem: OSError) -> NoReturn:
        raise OutputError(
            f"{self.output}: {what}: {problem.strerror or problem}",
            "The audit is lost: nothing was written. Make room or name another folder with --output, and audit again.",
        ) from problem

    def _acquire(self) -> None:
        for _ in range(LOCK_ATTEMPTS):
            lock = _try_lock(self._partial)
            if lock is not None:
                self._lock = lock
                _clear(self._partial)
                (self._partial / LOCK_NAME).write_bytes(str(os.getpid()).encode())
                return
        raise OutputError(f"{self.output} stayed locked by other processes in every attempt", UNWRITTEN)

    def _release(self) -> None:
        """Remove the staging folder, then release the lock; a process that waits for it retries."""
        if self._lock is not None:
            lock, self._lock = self._lock, None
            try:
                _remove(self._partial)
            finally:
                lock.release()
        for folder in self._made:
            with contextlib.suppress(OSError):  # it holds the audit, or another user's file
                folder.rmdir()

    def _sweep(self) -> None:
        """Remove what killed audits left beside this one: no later audit has the same default name."""
        for remains in self.output.parent.glob(f".*{SUFFIX}"):
            with contextlib.suppress(OutputError, OSError):  # its process is alive, or it belongs to another user
                if remains == self._partial or not (remains / LOCK_NAME).stat().st_size:
                    continue  # no process id in its lock: it is being created
                lock = _try_lock(remains)
                if lock is not None:
                    _remove(remains)
                    lock.release()


def _refuse_taken(output: Path) -> None:
    if not os.path.lexists(output):
        return
    if not output.is_dir():
        raise UsageError(f"{output} exists and is not a folder", UNWRITTEN)
    try:
        if any(output.iterdir()):
            raise UsageError(f"{output} is not empty", "Nothing is ever overwritten. Name a new folder with --output.")
    except OSError as problem:
        raise OutputError(f"{output} cannot be read: {problem.strerror or problem}", UNWRITTEN) from problem
    if _is_mount_point(output) or output == Path.cwd():
        raise UsageError(
            f"{output} is a mount point or the current folder, which cannot be replaced",
            f"Nothing was measured. Name a folder inside it: --output {output / 'audit'}",
        )


def _is_mount_point(path: Path) -> bool:
    """Whether it is a mount point, or a bind mount within one file system, which only the kernel lists."""
    if os.path.ismount(path):
        return True
    try:
        table = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape")
    except OSError:
        return False  # not Linux: only ismount can tell
    places = {line.split(" ", 5)[4] for line in table.splitlines()}
    return str(path).replace("\\", r"\134").replace(" ", r"\040") in places


def _try_lock(partial: Path) -> BaseFileLock | None:
    """
    The lock of this staging folder, which is created if missing; None if the folder was removed meanwhile.

    Raises OutputError if a running process holds it.
    """
    import filelock  # noqa: PLC0415 - it takes 50 ms to import, and most commands write no folder

    partial.mkdir(exist_ok=True)
    path = partial / LOCK_NAME
    lock = filelock.FileLock(path, mode=0o600, timeout=LOCK_WAIT_SECONDS, fallback_to_soft=False)
    try:
        lock.acquire(poll_interval=LOCK_POLL_SECONDS)
    except filelock.Timeout as problem:
        raise OutputError(f"another audit (process {_holder(path)}) is writing {partial.name}", UNWRITTEN) from problem
    except FileNotFoundError:
        return None
    return lock


def _holder(path: Path) -> str:
    """The id that the process which holds a lock wrote into it."""
    with contextlib.suppress(OSError), path.open("rb") as handle:
        return handle.read(PID_LIMIT_BYTES).decode("ascii", "replace") or "that is just starting"
    return "that is just ending"


def _clear(partial: Path) -> None:
    """Remove everything but the lock."""
    for entry in partial.iterdir():
        if entry.name == LOCK_NAME:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _remove(partial: Path) -> None:
    """Remove a staging folder whose lock we hold; if another process started to use it meanwhile, it stays."""
    _clear(partial)
    (partial / LOCK_NAME).unlink(missing_ok=True)
    try:
        partial.rmdir()
    except OSError as problem:
        if problem.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT):
            raise


def _sync(folder: Path) -> None:
    """Sync every file and folder below to disk."""
    for root, _, names in os.walk(folder):
        for name in names:
            _sync_one(Path(root) / name)
        _sync_one(Path(root))


def _sync_one(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
