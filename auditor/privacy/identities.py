"""
What names this machine and its user: read once from the system and from the environment the audit was started in.

A name is replaced wherever it stands only if it is *distinctive*. One that is an ordinary word (an account `data`, a
host `vm`) would blank out half of a document: it is replaced in facts that identify, and in a path below /home alone.
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
"""Every machine has them, or they are no names: they identify nobody, anywhere."""
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
"""Accounts and hosts of images, and words of everyday: names that cannot be told from prose."""

HOST_VARIABLE = re.compile(
    r"(?:^|_)(?:HOST|HOSTNAME|COMPUTERNAME|NODENAME|NODE_NAME|NODELIST|MASTER_ADDR|MASTER|POD_NAME|ADDR|ADDRESS"
    r"|ENDPOINTS?|SERVER)$"
)
USER_VARIABLE = re.compile(r"^(?:USER|USERNAME|LOGNAME|SUDO_USER|JUPYTERHUB_USER|SLURM_JOB_USER|PBS_O_LOGNAME)$")
SERIAL_KEY = re.compile(r"(?:^|[^a-z])serial(?:[^a-z]?(?:no|nr|num|number|id))?s?$", re.IGNORECASE)
"""Names of facts, fields and variables whose value is a serial number: no shape tells one."""
JOB_VARIABLE = re.compile(r"(?:^|_)JOB_?ID$")
"""Variables of schedulers whose value is the number of a job: with it, a site's accounts name its user."""
_AUTHORITY = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?([A-Za-z][\w.-]*|[\w-]+\[[\d,-]+\])(?::\d+)?(?:/.*)?")
_HARDWARE = ("product_serial", "board_serial", "chassis_serial")
_MACHINE_IDS = ("/etc/machine-id", "/var/lib/dbus/machine-id")


@dataclass(frozen=True)
class Identities:
    """Texts that identify, by kind of token; addresses apart, for a dotted number may be a version as well."""

    names: Mapping[str, str]
    """Distinctive text to its kind: `host`, `user`, `serial` or `uuid`."""
    ordinary: Mapping[str, str]
    """Names that are ordinary words: replaced in facts of role identity only."""
    addresses: frozenset[str] = frozenset()
    """This machine's own addresses."""
    jobs: frozenset[str] = frozenset()
    """Numbers of this process's job: short, and replaced only where a word before them says what they are."""


def of_this_machine(environment: Mapping[str, str]) -> Identities:
    """What identifies this machine and this account. Asks no network."""
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
    """Whether a name can be replaced wherever it stands as a word of its own."""
    return len(name) >= SHORTEST_DISTINCTIVE_CHARACTERS and name.lower() not in _vocabulary()


@functools.cache
def _vocabulary() -> frozenset[str]:
    """Ordinary words: those of the payload's texts and of the manifest's fields, names of modules, usual accounts."""
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
    """The only line of a file of the system; empty where there is none or it is not for us, and so for nobody."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _addresses() -> frozenset[str]:
    try:
        found = psutil.net_if_addrs()
    except OSError:  # no such view in a sandbox: addresses are then told by where they stand
        return frozenset()
    return frozenset(entry.address.partition("%")[0] for entries in found.values() for entry in entries)
