"""Which folders are protected, and where what is set aside lies."""

from __future__ import annotations

import hashlib
import os
import pwd
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .tree import OWN_PREFIX

SYSTEM = ("/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/proc", "/run", "/sbin", "/sys", "/usr")
SHARED = ("/", "/home", "/media", "/mnt", "/opt", "/root", "/srv", "/tmp", "/var", "/var/tmp")  # noqa: S108 - refused
LONGEST_ARGUMENT = 4096


@dataclass(frozen=True)
class Scope:
    """The folders and files whose content each run shall find again."""

    working: str
    """The working folder, without links."""
    named: tuple[str, ...] = ()
    """Folders and files outside of it that the command line names, whether they exist or not."""
    refused: tuple[str, ...] = ()
    """Folders that it names and that are too general to be protected."""
    new_only: bool = False
    """Whether the working folder is such a folder: then only what runs make newly is set aside."""

    @property
    def roots(self) -> tuple[str, ...]:
        """All of them."""
        return (self.working, *self.named)


def scope(command: Sequence[str], working: str) -> Scope:
    """The folders of a command that is started in `working`."""
    working = os.path.realpath(working)
    named: list[str] = []
    refused: list[str] = []
    for path in dict.fromkeys(_paths(command[1:], working)):
        if is_below(path, working):
            continue
        if _too_general(path) or is_below(working, path):
            if os.path.isdir(path) and not _of_system(path):  # noqa: PTH112
                refused.append(path)
        else:
            named.append(path)
    outer = [path for path in named if not any(path != other and is_below(path, other) for other in named)]
    return Scope(working, tuple(outer), tuple(refused), new_only=_too_general(working))


def _paths(arguments: Sequence[str], working: str) -> Iterator[str]:
    """Paths that arguments name, if they or their parents exist: `DIR/x`, `--x=DIR/x`, `x=DIR/x`."""
    for argument in arguments:
        value = argument.partition("=")[2] or argument
        if value.startswith("-") or "/" not in value or len(value) > LONGEST_ARGUMENT or "\0" in value:
            continue
        path = os.path.realpath(os.path.join(working, os.path.expanduser(value)))  # noqa: PTH111, PTH118
        if os.path.isdir(os.path.dirname(path)):  # noqa: PTH112, PTH120
            yield path


def is_below(path: str, folder: str) -> bool:
    """Whether it is the folder or lies in it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _of_system(path: str) -> bool:
    return any(is_below(path, folder) for folder in SYSTEM)


def _too_general(path: str) -> bool:
    homes = {os.path.realpath(one.pw_dir) for one in pwd.getpwall()} | {os.path.realpath(Path("~").expanduser())}
    shared = {*SHARED, os.path.realpath(tempfile.gettempdir())}
    if path in shared or _of_system(path):
        return True
    return any(is_below(home, path) for home in homes if home not in {"/", "/nonexistent"})


# ---------------------------------------------------------------------------------------------------------- the store


def state_folder() -> Path | None:
    """`$XDG_STATE_HOME/auditor/replay`, else the same below `~/.local/state`; None without a home."""
    named = os.environ.get("XDG_STATE_HOME", "")
    try:
        base = Path(named) if named.startswith("/") else Path.home() / ".local" / "state"
    except RuntimeError:
        return None
    return Path(os.path.realpath(base)) / "auditor" / "replay"


def key(working: str) -> str:
    """The name of a folder's store."""
    return hashlib.sha256(os.fsencode(os.path.realpath(working))).hexdigest()[:16]


def candidates(root: str, name: str) -> list[Path]:
    """Where a store may lie, the best first: where the program does not see it, beside the folder, hidden in it."""
    state = state_folder()
    hidden = f"{OWN_PREFIX}-{name}"
    inside = [Path(root) / hidden] if os.path.isdir(root) else []  # noqa: PTH112
    return [*([state / name] if state else []), Path(root).parent / hidden, *inside]


def store_for(root: str, name: str) -> Path | None:
    """A folder on the root's file system, which is made; None if there can be none."""
    wanted = _mount(nearest(root))
    for folder in candidates(root, name):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            continue
        if wanted == _mount(str(folder)) and os.access(folder, os.W_OK):
            return folder
        _remove_if_empty(folder)
    return None


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:  # it is in use for another root
        return


def nearest(path: str) -> str:
    """The folder itself, or the nearest one above it."""
    while not os.path.isdir(path):  # noqa: PTH112
        path = os.path.dirname(path)  # noqa: PTH120
    return path


def _mount(folder: str) -> tuple[int, str]:
    """What two folders share if an entry can be renamed from one to the other: device, and mount where Linux tells."""
    number = os.open(folder, os.O_RDONLY)
    try:
        told = Path(f"/proc/self/fdinfo/{number}")
        lines = told.read_text("ascii").splitlines() if told.exists() else []
        mount = next((line.split()[1] for line in lines if line.startswith("mnt_id:")), "")
        return os.fstat(number).st_dev, mount
    finally:
        os.close(number)
