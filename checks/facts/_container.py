"""Containers and control groups: whether this process is inside a container, and its resource limits."""

from __future__ import annotations

import os

from .. import fact
from ..declare import NotApplicable
from . import _files

UNLIMITED_BYTES = 2**60
"""cgroup v1 writes "no limit" as the largest multiple of a page, near 2^63."""

_WORDS = (
    ("kubepods", "kubernetes"),
    ("docker", "docker"),
    ("libpod", "podman"),
    ("containerd", "containerd"),
    ("crio", "cri-o"),
    ("lxc", "lxc"),
)
"""Words in a control group's path or in the root mount, and the runtime that writes them."""


def runtime():
    """The container runtime's name, `unknown-runtime` for an unidentified one, '' outside of containers."""
    for variable, name in (("APPTAINER_CONTAINER", "apptainer"), ("SINGULARITY_CONTAINER", "singularity")):
        if os.environ.get(variable):
            return name
    if os.path.exists("/run/.containerenv"):
        return "podman"
    for word, name in _WORDS:
        if word in _traces():
            return name
    if os.path.exists("/.dockerenv"):
        return "docker"
    if os.environ.get("KUBERNETES_SERVICE_HOST"):
        return "kubernetes"
    return "unknown-runtime" if os.environ.get("container") else ""  # noqa: SIM112 - systemd and podman spell it so


def inside():
    """Whether files and variables show that this process runs in a container."""
    return bool(runtime())


def runtime_or_reason():
    """The runtime's name. Raises NotApplicable outside of containers."""
    name = runtime()
    if not name:
        raise NotApplicable("no sign of a container")
    return name


def _traces():
    """The control groups' paths and the line of the root mount, which contain runtimes' names."""
    found = []
    for path in ("/proc/self/cgroup", "/proc/1/cgroup"):
        try:
            found.append(_files.text(path))
        except (NotApplicable, fact.Unknown):
            continue  # /proc/1 is often hidden, and macOS has neither: the other sources decide
    found.extend(line for line in _mounts() if line.split()[4] == "/")
    return "\n".join(found)


def _mounts():
    try:
        return _files.text("/proc/self/mountinfo").splitlines()
    except (NotApplicable, fact.Unknown):
        return []


def cpu_limit_milli():
    """The control group's CPU quota in thousandths of a processor. Raises NotApplicable without a limit."""
    for folder in _folders("cpu"):
        if os.path.exists(folder + "/cpu.max"):
            quota, period = _files.text(folder + "/cpu.max").split()
        elif os.path.exists(folder + "/cpu.cfs_quota_us"):
            quota, period = _files.text(folder + "/cpu.cfs_quota_us"), _files.text(folder + "/cpu.cfs_period_us")
        else:
            continue
        if quota not in ("max", "-1"):
            return int(quota) * 1000 // int(period)
    raise NotApplicable("no processor limit is set in the control groups that this process can see")


def memory_limit_bytes():
    """The lowest memory limit of the control groups above this process. Raises NotApplicable without a limit."""
    limits = []
    for folder in _folders("memory"):
        for name in ("memory.max", "memory.limit_in_bytes"):
            if os.path.exists(os.path.join(folder, name)):
                content = _files.text(os.path.join(folder, name))
                limits.append(UNLIMITED_BYTES if content == "max" else int(content))
    below = [limit for limit in limits if limit < UNLIMITED_BYTES]
    if not below:
        raise NotApplicable("no memory limit is set in the control groups that this process can see")
    return min(below)


def _folders(controller):
    """Folders of this process's control group for a controller, from its own up to the root of the mount."""
    for line in _files.text("/proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        mount = _mount_point(controller if controllers else "")
        while mount:
            yield mount + path.rstrip("/")
            if path in ("/", ""):
                break
            path = os.path.dirname(path)


def _mount_point(controller):
    """The mount point of a v1 controller, or of cgroup2 for ''; '' if it is not mounted."""
    for line in _mounts():
        left, _, right = line.partition(" - ")
        kind, _, options = right.partition(" ")
        if (kind == "cgroup2" and not controller) or (
            kind == "cgroup" and controller and controller in options.replace(" ", ",").split(",")
        ):
            return left.split()[4]
    return ""
