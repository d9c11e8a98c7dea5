"""
Names of this machine and its user, read once from the system and the environment of the audit.

Only a *distinctive* name is replaced everywhere. An ordinary word (an account `data`, a host `vm`) is replaced only in
facts of role identity and in paths below /home, since it occurs in normal text.
"""

from __future__ import annotations

import contextlib
import functools
import os
import pwd
import re
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from ..shipped import folder

SHORTEST_DISTINCTIVE_CHARACTERS = 4
SHORTEST_NAME_CHARACTERS = 2
NEVER = frozenset(("root", "localhost", "localdomain", "none", "null", "true", "false", "unknown", "no", "yes"))
"""Names that identify nobody."""
_ACCOUNTS = frozenset(
    (
        "admin", "administrator", "agent", "builder", "centos", "cloud", "cluster", "conda", "container", "data",
        "debian", "deploy", "desktop", "developer", "docker", "fedora", "home", "jenkins", "jovyan", "jupyter",
        "kubernetes", "laptop", "linux", "local", "machine", "main", "master", "model", "nobody", "node", "operator",
        "public", "pytorch", "remote", "runner", "runneradmin", "scratch", "server", "service", "shared", "slurm",
        "student", "support", "system", "tensorflow", "test", "tester", "train", "training", "travis", "ubuntu",
        "user", "vagrant", "vscode", "work", "worker", "workspace",
    )
)  # fmt: skip
"""Usual accounts and hosts of images, and ordinary words: names that also occur in prose."""

HOST_VARIABLE = re.compile(
    r"(?:^|_)(?:HOST|HOSTNAME|COMPUTERNAME|NODENAME|NODE_NAME|NODELIST|MASTER_ADDR|MASTER|POD_NAME|ADDR|ADDRESS"
    r"|ENDPOINTS?|SERVER)$"
)
USER_VARIABLE = re.compile(r"^(?:USER|USERNAME|LOGNAME|SUDO_USER|JUPYTERHUB_USER|SLURM_JOB_USER|PBS_O_LOGNAME)$")
SERIAL_KEY = re.compile(r"(?:^|[^a-z])serial(?:[^a-z]?(?:no|nr|num|number|id))?s?$", re.IGNORECASE)
"""Names of facts, fields and variables whose value is a serial number, which has no recognisable form."""
JOB_VARIABLE = re.compile(r"(?:^|_)JOB_?ID$")
"""Scheduler variables with a job number, from which a site's records give the user."""
_AUTHORITY = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?([A-Za-z][\w.-]*|[\w-]+\[[\d,-]+\])(?::\d+)?(?:/.*)?")
_HARDWARE = ("product_serial", "board_serial", "chassis_serial")
_MACHINE_IDS = ("/etc/machine-id", "/var/lib/dbus/machine-id")


@dataclass(frozen=True)
class Identities:
    """Identifying texts by kind of token. Addresses are separate, since a dotted number may also be a version."""

    names: Mapping[str, str]
    """Distinctive text to its kind: `host`, `user`, `serial` or `uuid`."""
    ordinary: Mapping[str, str]
    """Names that are ordinary words, replaced only in facts of role identity."""
    addresses: frozenset[str] = frozenset()
    """This machine's own addresses."""
    jobs: frozenset[str] = frozenset()
    """Job numbers of this process, replaced only after a word such as `job`."""


def of_this_machine(environment: Mapping[str, str]) -> Identities:
    """The identities of this machine and account, read without the network."""
    found: dict[str, str] = {}
    for kind, candidates in (
        ("user", _users(environment)),
        ("host", _hosts(environment)),
        ("serial", _serials(environment)),
        ("uuid", _machine_ids()),
    ):
        for text in candidates:
            if len(text) >= SHORTEST_NAME_CHARACTERS and text.lower() not in NEVER and not text.isdigit():
                found.setdefault(text, kind)
    names = {text: kind for text, kind in found.items() if kind not in ("host", "user") or is_distinctive(text)}
    ordinary = {text: kind for text, kind in found.items() if text not in names}
    return Identities(names, ordinary, _addresses(), _jobs(environment))


def is_distinctive(name: str) -> bool:
    """Whether a name is replaced wherever it occurs as a separate word."""
    return len(name) >= SHORTEST_DISTINCTIVE_CHARACTERS and name.lower() not in _vocabulary()


@functools.cache
def _vocabulary() -> frozenset[str]:
    """Ordinary words: words of the payload's texts, manifest fields, module names, usual accounts."""
    words = {name.lower() for name in sys.stdlib_module_names} | _ACCOUNTS
    host = Path(__file__).parent.parent
    own = ("manifest/models.py", "interpreter/replies.py", "factors/factors.py")
    payload = folder("checks")
    ours = (path for path in payload.rglob("*.py") if "_vendored" not in path.relative_to(payload).parts)
    sources = [*ours, *(host / name for name in own)]
    for source in sources:
        words.update(re.findall(r"[a-z0-9_]{4,}", source.read_text(encoding="utf-8").lower()))
    return frozenset(words)


def host_of(value: str) -> str:
    """The host in the value of a variable that names one (`tcp://host:1234`, `gpu[01-04]`); empty for an address."""
    found = _AUTHORITY.fullmatch(value.strip())
    return found[1] if found and found[1].lower() not in NEVER else ""


def _users(environment: Mapping[str, str]) -> Iterator[str]:
    with contextlib.suppress(KeyError):  # a container's account may have no entry
        entry = pwd.getpwuid(os.getuid())
        yield entry.pw_name
        if " " in (full := entry.pw_gecos.split(",")[0]):
            yield full
    yield from (value for name, value in environment.items() if USER_VARIABLE.search(name))
    home = Path(environment.get("HOME", "/"))
    if home.parent.name in ("home", "homes", "Users"):
        yield home.name


def _hosts(environment: Mapping[str, str]) -> Iterator[str]:
    named = [host_of(value) for name, value in environment.items() if HOST_VARIABLE.search(name)]
    for host in (socket.gethostname(), *named):
        yield host
        yield host.partition(".")[0]


def _serials(environment: Mapping[str, str]) -> Iterator[str]:
    values = [value for name, value in environment.items() if SERIAL_KEY.search(name)]
    values += [_line(f"/sys/class/dmi/id/{name}") for name in _HARDWARE]
    yield from (value for value in values if len(value) > SHORTEST_DISTINCTIVE_CHARACTERS and re.search(r"\d", value))


def _jobs(environment: Mapping[str, str]) -> frozenset[str]:
    values = (value for name, value in environment.items() if JOB_VARIABLE.search(name))
    return frozenset(number[0] for value in values if (number := re.match(r"[0-9]+(?![0-9A-Za-z])", value)))


def _machine_ids() -> Iterator[str]:
    yield from (text for text in map(_line, _MACHINE_IDS) if re.fullmatch(r"[0-9a-f]{32}", text))


def _line(path: str) -> str:
    """The only line of a system file; empty if it does not exist or cannot be read."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _addresses() -> frozenset[str]:
    try:
        found = psutil.net_if_addrs()
    except OSError:  # not available in some sandboxes: addresses are then recognised by context
        return frozenset()
    return frozenset(entry.address.partition("%")[0] for entries in found.values() for entry in entries)
