from __future__ import annotations

import os
import platform
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

import psutil
import pytest
from asking import errors, facts, values

from checks.declare import NotApplicable
from checks.facts import _container, _cpu, _files, system

pytestmark = pytest.mark.skipif(platform.system() != "Linux", reason="the oracles are Linux's own files and calls")

CORE2 = """fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush dts acpi mmx fxsr sse sse2 ss
ht tm pbe syscall nx lm constant_tsc arch_perfmon pebs bts rep_good nopl cpuid aperfmperf pni dtes64 monitor
ds_cpl vmx est tm2 ssse3 cx16 xtpr pdcm lahf_lm pti dtherm"""
SANDY_BRIDGE = """fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush dts acpi mmx fxsr sse
sse2 ss ht tm pbe syscall nx rdtscp lm constant_tsc pni pclmulqdq dtes64 monitor vmx est tm2 ssse3 cx16 xtpr pdcm pcid
sse4_1 sse4_2 x2apic popcnt tsc_deadline_timer aes xsave avx lahf_lm epb pti xsaveopt dtherm ida arat pln pts"""
HASWELL = SANDY_BRIDGE + " fma movbe f16c rdrand abm cpuid_fault fsgsbase tsc_adjust bmi1 avx2 smep bmi2 erms invpcid"
ZEN2 = """fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse sse2 ht syscall
nx mmxext fxsr_opt pdpe1gb rdtscp lm constant_tsc pni pclmulqdq monitor ssse3 fma cx16 sse4_1 sse4_2 movbe
popcnt aes xsave avx f16c rdrand lahf_lm cmp_legacy svm extapic cr8_legacy abm sse4a misalignsse 3dnowprefetch
osvw ibs bmi1 avx2 smep bmi2 rdseed adx smap clflushopt clwb sha_ni xsaveopt xsavec xgetbv1 clzero rdpid"""
SKYLAKE_SERVER = (
    HASWELL + " mpx avx512f avx512dq rdseed adx smap clflushopt clwb intel_pt avx512cd avx512bw avx512vl pku"
)
KNIGHTS_LANDING = HASWELL + " avx512f rdseed adx avx512pf avx512er avx512cd"


@pytest.fixture(scope="module")
def host():
    return facts("host")


def test_no_reading_of_the_host_fails(host):
    """On Linux every host fact has a value, or a reason why it has none; none is an error."""
    assert errors(host) == {}


def test_host_agrees_with_independent_oracles(host):
    """Counts, sizes and names equal what psutil, sysconf and platform say."""
    expected = {
        "host.cpu.logical": psutil.cpu_count(),
        "host.cpu.cores": psutil.cpu_count(logical=False),
        "host.memory.total": psutil.virtual_memory().total,
        "host.memory.swap": psutil.swap_memory().total,
        "host.cpu.affinity": len(psutil.Process().cpu_affinity()),
        "host.kernel.release": os.uname().release,
        "host.architecture": os.uname().machine,
        "host.name": socket.gethostname(),
        "host.libc.version": platform.libc_ver()[1],
        "host.os.version": platform.freedesktop_os_release().get("VERSION_ID"),
        "host.memory.page": os.sysconf("SC_PAGESIZE"),
    }

    assert expected == {name: values(host)[name] for name in expected}


def test_caches_agree_with_lscpu(host):
    """Cache sizes equal what util-linux says of one of them."""
    if shutil.which("lscpu") is None:
        pytest.skip("util-linux is the oracle, and is not installed")
    rows = subprocess.run(["lscpu", "-B", "-C=NAME,ONE-SIZE"], capture_output=True, text=True, check=True).stdout
    told = {"host.cpu.cache." + row.split()[0].lower(): int(row.split()[1]) for row in rows.splitlines()[1:]}

    assert told == {name: value for name, value in values(host).items() if name.startswith("host.cpu.cache.")}


def test_flags_are_those_of_the_kernel(host):
    """The flags are the kernel's, sorted and complete."""
    line = re.search(r"^(?:flags|Features)\s*:(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)

    assert values(host)["host.cpu.flags"] == sorted(line.group(1).split())


def test_level_agrees_with_the_dynamic_linker(host):
    """The highest x86-64 level is the one that glibc's loader calls supported."""
    loader = Path("/lib64/ld-linux-x86-64.so.2")
    if not loader.exists():
        pytest.skip("only the x86-64 loader lists levels")
    told = subprocess.run([str(loader), "--help"], capture_output=True, text=True, check=False).stdout
    supported = re.findall(r"(x86-64-v\d) \(supported", told) or pytest.skip("glibc before 2.33 lists no levels")

    assert values(host)["host.cpu.level"] == max(supported)


def test_volatile_facts_are_of_now(host):
    """Uptime, load and free memory are those of the moment, and say so in their role."""
    names = ("host.uptime", "host.load.1min", "host.memory.available")

    assert {host[name].role for name in names} == {"volatile"}
    assert abs(values(host)["host.uptime"] - (time.time() - psutil.boot_time())) < 60
    assert 0 < values(host)["host.memory.available"] <= values(host)["host.memory.total"]


def test_affinity_is_that_of_the_process():
    """A process that may use one processor says one, whatever the machine has."""
    found = values(facts("host", settings={"affinity": "1"}))

    assert (found["host.cpu.affinity"], found["host.cpu.logical"]) == (1, os.cpu_count())


@pytest.mark.parametrize(
    ("flags", "level"),
    [
        (CORE2, "x86-64-v1"),
        (SANDY_BRIDGE, "x86-64-v2"),
        (HASWELL, "x86-64-v3"),
        (ZEN2, "x86-64-v3"),
        (SKYLAKE_SERVER, "x86-64-v4"),
        (KNIGHTS_LANDING, "x86-64-v3"),
        (SKYLAKE_SERVER.replace(" movbe", ""), "x86-64-v2"),
        ("fpu cx8", ""),
    ],
    ids=["core-2", "sandy-bridge", "haswell", "zen-2", "skylake-server", "knights-landing", "masked-movbe", "none"],
)
def test_levels_of_known_processors(flags, level):
    """Known processors have their known levels; a hypervisor that masks one flag lowers the level."""
    assert _cpu.level(flags.split()) == level


def test_each_missing_flag_lowers_the_level():
    """No flag of the table is decoration: without it, its level is not reached."""
    complete = {flag for _, flags in _cpu.X86_64_LEVELS for flag in flags}
    for name, flags in _cpu.X86_64_LEVELS:
        for flag in flags:
            assert _cpu.level(complete - {flag}) < name


def test_arm_processors_are_named_by_codes(monkeypatch):
    """A kernel that gives no model name (arm64) is quoted with the codes that it does give."""
    told = "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd40\nFeatures\t: fp asimd\n\n"
    monkeypatch.setattr(_cpu, "cpuinfo", lambda: _cpu.blocks(told))

    assert (_cpu.model(), _cpu.flags()) == ("implementer 0x41 part 0xd40", ["asimd", "fp"])


@pytest.mark.parametrize("version", [1, 2])
def test_control_group_limits_are_found_at_any_height(monkeypatch, tmp_path, version):
    """The limit of a group above the process counts, in both versions of control groups."""
    above, own = tmp_path / "job", tmp_path / "job" / "step"
    own.mkdir(parents=True)
    if version == 2:
        groups, mount = "0::/job/step", f"30 1 0:26 / {tmp_path} rw - cgroup2 cgroup2 rw"
        (own / "cpu.max").write_text("max 100000\n")
        (above / "cpu.max").write_text("150000 100000\n")
        (own / "memory.max").write_text("max\n")
        (above / "memory.max").write_text("1073741824\n")
    else:
        groups = "4:memory:/job/step\n3:cpu,cpuacct:/job/step\n"
        mount = f"30 1 0:26 / {tmp_path} rw - cgroup cgroup rw,cpu,cpuacct,memory"
        (own / "cpu.cfs_quota_us").write_text("-1\n")
        (above / "cpu.cfs_quota_us").write_text("150000\n")
        (above / "cpu.cfs_period_us").write_text("100000\n")
        (own / "cpu.cfs_period_us").write_text("100000\n")
        (own / "memory.limit_in_bytes").write_text("9223372036854771712\n")
        (above / "memory.limit_in_bytes").write_text("1073741824\n")
    real = _files.text
    fake = {"/proc/self/cgroup": groups, "/proc/self/mountinfo": mount}
    monkeypatch.setattr(_files, "text", lambda path: fake[path] if path in fake else real(path))

    assert (_container.cpu_limit_milli(), _container.memory_limit_bytes()) == (1500, 1 << 30)


def test_no_limit_is_not_applicable(monkeypatch, tmp_path):
    """Groups without a limit are told from groups that cannot be read."""
    (tmp_path / "cpu.max").write_text("max 100000\n")
    fake = {"/proc/self/cgroup": "0::/", "/proc/self/mountinfo": f"30 1 0:26 / {tmp_path} rw - cgroup2 cgroup2 rw"}
    real = _files.text
    monkeypatch.setattr(_files, "text", lambda path: fake[path] if path in fake else real(path))

    with pytest.raises(NotApplicable):
        _container.cpu_limit_milli()


@pytest.mark.parametrize(
    ("cgroup", "runtime"),
    [
        ("0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-1.scope", "kubernetes"),
        ("12:cpu:/docker/0123456789ab", "docker"),
        ("0::/machine.slice/libpod-01.scope", "podman"),
    ],
)
def test_runtimes_are_known_by_their_control_groups(monkeypatch, cgroup, runtime):
    """A runtime's name is found in the control group that it made."""
    monkeypatch.setattr(_container, "_traces", lambda: cgroup)
    monkeypatch.setattr(_container.os.path, "exists", lambda _path: False)

    assert _container.runtime() == runtime


def test_kernel_lists_are_counted():
    """The kernel's lists of ranges are counted as it means them."""
    assert (_files.count_of("0-3,8"), _files.count_of("0"), _files.numbers("1-2")) == (5, 1, [1, 2])


def test_system_packages_are_those_of_dpkg():
    """The distribution's packages equal what dpkg itself lists as installed."""
    if shutil.which("dpkg-query") is None:
        pytest.skip("dpkg is the oracle, and this is no Debian")
    form = "-f=${db:Status-Status} ${Package} ${Version}\n"
    rows = subprocess.run(["dpkg-query", "-W", form], capture_output=True, text=True, check=True).stdout.splitlines()
    told = sorted(row.split(" ", 1)[1] for row in rows if row.startswith("installed "))

    assert values(facts("system"))["host.packages"] == told


def test_system_packages_of_alpine_are_read():
    """Alpine keeps its packages in lines P: and V:."""
    assert system.of_apk("C:Q1\nP:musl\nV:1.2.5-r0\n\nP:busybox\nV:1.36\n") == ["busybox 1.36", "musl 1.2.5-r0"]


def test_compilers_tell_their_release(monkeypatch, tmp_path):
    """Compilers are asked where the PATH finds them; one that fails or hangs is no value."""
    for name, text in (("gcc", "echo 'gcc 99.1'"), ("clang", "echo broken 1 >&2; exit 3"), ("cmake", "sleep 60")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.setenv("CC", "gcc -m64")
    found = facts("compilers")

    assert (found["compilers.gcc"].value, found["compilers.c"].value) == ("gcc 99.1", "gcc 99.1")
    assert (found["compilers.clang"].state, found["compilers.cmake"].state) == ("unknown", "unknown")
