"""
Which paths the program itself writes or removes, by Python's audit events.

What compiled code writes is not seen, but for `torch.save` and for the folders that Python makes for it.
"""

from __future__ import annotations

import contextlib
import os
import sys

from ....factors.wrappers import in_place_of

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_abspath, _fsdecode, _fspath = os.path.abspath, os.fsdecode, os.fspath


def follow(notes, folder):
    """Tell `notes` each path outside of `folder`, which is the recorder's own. An audit hook cannot be removed."""
    own, busy = os.path.abspath(folder) + os.sep, []

    def hook(event, arguments):
        if event not in EVENTS or busy:
            return
        busy.append(event)
        try:
            path = _path(event, arguments)
            if path and not path.startswith((own, "/dev/", "/proc/")):
                notes.wrote(path)
        except Exception:  # noqa: S110 - inside of the program's call; then the file counts as somebody else's
            pass
        finally:
            busy.clear()

    sys.addaudithook(hook)


def _opened(path, _mode, flags):
    return path if flags & WRITES else None


EVENTS = {
    "open": _opened,
    "os.mkdir": lambda path, *_: path,
    "os.rename": lambda _source, target, *_: target,
    "os.link": lambda _source, target, *_: target,
    "os.symlink": lambda _source, target, *_: target,
    "os.remove": lambda path, *_: path,
    "os.rmdir": lambda path, *_: path,
    "shutil.move": lambda _source, target: target,
    "shutil.rmtree": lambda path, *_: path,
}


def _path(event, arguments):
    """The absolute path that an event writes or removes; None for reading, and for descriptors."""
    path = EVENTS[event](*arguments)
    return None if path is None or isinstance(path, int) else _abspath(_fsdecode(_fspath(path)))


def follow_torch(notes, torch):
    """Wrap `torch.save`, which opens its file in C++."""
    plain = torch.save

    def save(obj, f, *args, **kwargs):
        if isinstance(f, (str, os.PathLike)):
            with contextlib.suppress(OSError):  # no room for our note: the path counts as somebody else's
                notes.wrote(_abspath(_fsdecode(_fspath(f))))
        return plain(obj, f, *args, **kwargs)

    torch.save = torch.serialization.save = in_place_of(plain, save)
