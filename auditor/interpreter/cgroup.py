"""How often the kernel killed a process of this program's control group for memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")
"""One line `NUMBER:CONTROLLERS:PATH` for each hierarchy; version 2 has no controllers (cgroups(7))."""
COUNTER = "oom_kill"


def oom_kills() -> int:
    """
    The kernel's counter of processes of our group that it killed for memory; 0 where there is none.

    It counts a process before it kills it (memory.events of version 2, memory.oom_control of version 1), whichever
    limit was reached: that of the group, of one above it, or the machine's.
    """
    for path in _counters():
        try:
            lines = path.read_text("ascii").splitlines()
        except OSError:
            continue  # another mount of the hierarchy, or the root of version 2, which counts nothing
        return next((int(line.split()[1]) for line in lines if line.startswith(f"{COUNTER} ")), 0)
    return 0


def _counters() -> Iterator[Path]:
    """Where the counter may be: in a container its group is mounted as the root of the hierarchy."""
    try:
        groups = [line.split(":", 2) for line in OWN.read_text("utf-8", "surrogateescape").splitlines()]
    except OSError:
        return  # no /proc, or not Linux
    for _, controllers, path in groups:
        if "memory" in controllers.split(","):
            yield from (ROOT / "memory" / below / "memory.oom_control" for below in (path.lstrip("/"), ""))
    for _, controllers, path in groups:
        if not controllers:
            yield from (ROOT / below / "memory.events" for below in (path.lstrip("/"), ""))
