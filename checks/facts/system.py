"""Facts about the system around Python: system packages, kernel modules, CUDA toolkit, the machine's product name."""

from __future__ import annotations

import json
import os
import re
import shutil

from .. import fact
from ..declare import NotApplicable
from ..fact import probe
from . import _files

DPKG = "/var/lib/dpkg/status"
APK = "/lib/apk/db/installed"
_DMI = "/sys/class/dmi/id/"
_CONTAINER_ID = re.compile(r"\b[0-9a-f]{64}\b")


def packages():
    """`name version` of every system package, sorted, from the package manager's own file."""
    if os.path.exists(DPKG):
        return of_dpkg(_files.text(DPKG))
    if os.path.exists(APK):
        return of_apk(_files.text(APK))
    if os.path.isdir("/var/lib/rpm") or os.path.isdir("/usr/lib/sysimage/rpm"):
        raise fact.Unknown("RPM keeps its packages in a database that only rpm can read")
    raise NotApplicable("no known package manager of a distribution is here")


def of_dpkg(content):
    """`name version` of the packages that dpkg's status file marks as installed."""
    found = []
    for paragraph in content.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in paragraph.splitlines() if re.match(r"[A-Z][\w-]*: ", line))
        if fields.get("Status", "").endswith(" installed"):
            found.append("%s %s" % (fields["Package"], fields["Version"]))
    return sorted(found)


def of_apk(content):
    """`name version` of Alpine's installed packages: lines `P:` and `V:`."""
    names = re.findall(r"^P:(.*)$", content, re.MULTILINE)
    return sorted("%s %s" % pair for pair in zip(names, re.findall(r"^V:(.*)$", content, re.MULTILINE)))


def _modules():
    return sorted(line.split()[0] for line in _files.text("/proc/modules").splitlines())


def _cuda_toolkit():
    """The release of the toolkit whose nvcc is first on the PATH, else in the usual folder; starts no process."""
    compiler = shutil.which("nvcc")
    root = os.path.dirname(os.path.dirname(os.path.realpath(compiler))) if compiler else "/usr/local/cuda"
    if not os.path.isdir(root):
        raise NotApplicable("no CUDA toolkit on the PATH or in its usual folder")
    try:
        return json.loads(_files.text(os.path.join(root, "version.json")))["cuda"]["version"]
    except NotApplicable:
        raise fact.Unknown("%s does not record its release" % root) from None


def _container_id():
    """The container's long identifier, which appears in the process's mounts or control groups."""
    found = _CONTAINER_ID.search(_files.text("/proc/self/mountinfo") + _files.text("/proc/self/cgroup"))
    if found is None:
        raise NotApplicable("no container identifier in the process's mounts and control groups")
    return found.group()


def _firmware(name):
    return lambda: _files.text(_DMI + name)


PROBES = {
    "host.packages": probe("software", "packages of the distribution", "dpkg or apk", packages),
    "host.kernel.modules": probe("machine", "loaded kernel modules", "/proc/modules", _modules),
    "host.product.vendor": probe("machine", "vendor of the machine, or the cloud", _DMI, _firmware("sys_vendor")),
    "host.product.name": probe(
        "machine", "product name of the machine, or instance type", _DMI, _firmware("product_name")
    ),
    "host.cuda.toolkit": probe("software", "CUDA toolkit on the PATH", "version.json", _cuda_toolkit),
    "host.container.id": probe("identity", "identifier of the container", "/proc/self/mountinfo", _container_id),
}
KEYS = fact.keys(PROBES)


def collect(request):
    """Every fact about the system around Python."""
    return fact.answers(PROBES)
