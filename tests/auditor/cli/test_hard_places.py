"""Machines that lack something: full and read-only disks, closed pipes, no /proc, little memory. No traceback, ever."""

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

AUDITOR = str(Path(sys.executable).with_name("auditor"))
HERE = ("--python", sys.executable)
CHEAP = (*HERE, "--check", "python-hash-seed")
MEMORY_GROUPS = (Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup"))
"""Where control groups with a limit of memory are made, in version 1 and in version 2."""
LIMIT_BYTES = 300 << 20
LIMITS = {
    "memory.limit_in_bytes": LIMIT_BYTES,
    "memory.memsw.limit_in_bytes": LIMIT_BYTES,
    "memory.max": LIMIT_BYTES,
    "memory.swap.max": 0,
}
"""The limits of both versions, without swap."""
HUNGRY = f'''"""
Memory is endless.

Why: a check that takes more memory than its control group may have is killed by the kernel.

Remedy: there is none; this check is a plant.
"""

from ..declare import Check

CHECK = Check(severity="low", tier="quick", rule="expected", isolates=True)


def measure(settings):
    taken = b"x" * {2 * LIMIT_BYTES}
    return {{"bytes": {{"expected": 1, "observed": len(taken)}}}}
'''
KILLED = HUNGRY.replace(f'taken = b"x" * {2 * LIMIT_BYTES}', "import os, signal; taken = os.kill(os.getpid(), 9)")


@pytest.fixture
def environment(tmp_path):
    """The variables of an account with an empty home."""
    home = tmp_path / "home"
    home.mkdir()
    return {"HOME": str(home), "PATH": os.environ["PATH"]}


@pytest.fixture
def namespace(tmp_path, environment):
    """Run the program in a mount namespace of its own after these shell commands; `$HERE` is a writable folder."""
    here = tmp_path / "here"
    here.mkdir()
    if subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True).returncode:
        pytest.skip("needs root and the right to make a mount namespace")

    def run(preparation, *arguments, **variables):
        script = f'set -e; {preparation}; exec "$@"'
        return subprocess.run(
            ["unshare", "-m", "sh", "-c", script, "sh", AUDITOR, *map(str, arguments)],
            capture_output=True,
            check=False,
            cwd=here,
            env={**environment, "HERE": str(here), **variables},
            text=True,
            timeout=300,
        )

    return run


def is_clean(done):
    """Whether the program ended by an error that it knows."""
    return "Traceback" not in done.stderr and "defect" not in done.stderr


# ------------------------------------------------------------------------------------------------------ disks

READ_ONLY = "for place in /tmp /var/tmp /usr/tmp; do [ -d $place ] && mount --bind $place $place && "
READ_ONLY += "mount -o remount,bind,ro $place || true; done"


def test_a_read_only_tmp_is_replaced_by_another_folder(namespace):
    """With TMPDIR, or with another folder for temporary files, the audit is made."""
    writable = "mount --bind /tmp /tmp; mount -o remount,bind,ro /tmp; mount -t tmpfs tmpfs $HERE; cd $HERE"
    done = namespace(writable, "audit", *CHEAP, "-o", "out", "--no-sign", "--json")

    assert 0 == done.returncode, done.stderr
    assert is_clean(done)


def test_without_any_folder_for_temporary_files_it_says_so(namespace):
    """Exit 5 with the name of the variable that helps."""
    done = namespace(f"{READ_ONLY}; cd /proc", "check", *CHEAP)

    assert 5 == done.returncode
    assert "there is no folder for temporary files" in done.stderr
    assert "TMPDIR" in done.stderr
    assert is_clean(done)


@pytest.mark.parametrize("size", ["4k", "16k", "128k"])
def test_a_full_disk_below_the_output_is_exit_5(namespace, size):
    """Whatever is written first: nothing is left of the audit, and the error says that room is missing."""
    full = f"mount -t tmpfs -o size={size} tmpfs $HERE; cd $HERE"
    done = namespace(f"{full}; trap '' EXIT", "audit", *CHEAP, "-o", "out", "--no-sign")

    assert 5 == done.returncode, done.stderr
    assert "No space left on device" in done.stderr
    assert is_clean(done)


def test_room_on_the_disk_below_the_output_is_enough(namespace):
    """The negative control."""
    done = namespace("mount -t tmpfs -o size=16m tmpfs $HERE; cd $HERE", "audit", *CHEAP, "-o", "out", "--no-sign")

    assert 0 == done.returncode, done.stderr


@pytest.mark.parametrize(
    ("size", "first", "code"),
    [("4k", "list", 3), ("4k", "--version", 5), ("16m", "--version", 0)],
    ids=["no answer", "no catalogue", "room"],
)
def test_a_full_folder_for_temporary_files_is_named(namespace, size, first, code):
    """The request of a process fits, its answer does not: nothing could be measured, and the reason is told."""
    namespace("true", first)  # `list` keeps the catalogue
    done = namespace(f"mount -t tmpfs -o size={size} tmpfs $HERE; export TMPDIR=$HERE", "check", *CHEAP, "--jobs", "1")

    assert code == done.returncode, done.stderr
    assert ("no space is left for temporary files (TMPDIR)" in done.stderr) == bool(code)
    assert is_clean(done)


def test_a_full_disk_below_standard_output_is_exit_5(environment):
    """The findings could not be told: that is no success."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [AUDITOR, "list"], stdout=full, stderr=subprocess.PIPE, env=environment, check=False, text=True
        )

    assert 5 == done.returncode
    assert "No space left on device" in done.stderr
    assert is_clean(done)


# ------------------------------------------------------------------------------------------------------ streams


def without_reader(arguments, environment, here, *, streams):
    """The exit code of the program, and what it told on the other stream, when nobody reads these streams."""
    reader, writer = os.pipe()
    os.close(reader)
    given = {name: writer if name in streams else subprocess.PIPE for name in ("stdout", "stderr")}
    try:
        return subprocess.run(
            [AUDITOR, *arguments], **given, check=False, cwd=here, env=environment, text=True, timeout=300
        )
    finally:
        os.close(writer)


@pytest.mark.parametrize("streams", [("stdout",), ("stderr",), ("stdout", "stderr")], ids="+".join)
@pytest.mark.parametrize(("threshold", "code"), [("high", 0), ("low", 1)])
def test_an_audit_whose_reader_has_gone_ends_as_if_it_had_read(environment, tmp_path, streams, threshold, code):
    """`auditor audit | head -1`: the folder is whole, and the exit code is that of the findings."""
    asked = ["audit", *CHEAP, "-o", "out", "--fail-on", threshold]
    done = without_reader(asked, environment, tmp_path, streams=streams)

    assert code == done.returncode, done.stderr
    assert (tmp_path / "out" / "report.md").exists()
    assert "Traceback" not in (done.stderr or "") + (done.stdout or "")
    assert 0 == subprocess.run([AUDITOR, "verify", tmp_path / "out"], env=environment, check=False).returncode


@pytest.mark.parametrize("command", [["list"], ["list", "--json"], ["--help"], ["check", *CHEAP, "--json"]], ids=str)
def test_every_command_outlives_its_reader(environment, tmp_path, command):
    """Also where the text is larger than the pipe holds."""
    done = without_reader(command, environment, tmp_path, streams=("stdout",))

    assert 0 == done.returncode, done.stderr
    assert "Traceback" not in done.stderr
    assert "Broken" not in done.stderr


def test_a_reader_of_one_line_gets_it(environment):
    """The negative control: what is read before the pipe is closed arrives."""
    with subprocess.Popen(
        [AUDITOR, "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True
    ) as running:
        first = running.stdout.readline()
        running.stdout.close()
        told = running.stderr.read()

    assert (0, "") == (running.returncode, told)
    assert first.startswith("environment-conflicting-packages")


def test_closed_standard_streams_change_nothing(environment, tmp_path):
    """`>&- 2>&-`, as some daemons start programs."""
    line = 'exec "$@" >&- 2>&-'
    done = subprocess.run(
        ["sh", "-c", line, "sh", AUDITOR, "audit", *CHEAP, "-o", "out"], env=environment, check=False, cwd=tmp_path
    )

    assert 0 == done.returncode
    assert (tmp_path / "out" / "report.md").exists()


# ------------------------------------------------------------------------------------------------------ the system


@pytest.mark.parametrize(
    "command", [("check", *CHEAP, "--json"), ("audit", *CHEAP, "-o", "out", "--no-sign", "--json")]
)
def test_without_proc_a_check_is_measured(namespace, command):
    """A container or a chroot without /proc: facts are fewer, findings the same."""
    done = namespace("mount -t tmpfs tmpfs /proc", *command)

    assert 0 == done.returncode, done.stderr
    assert is_clean(done)
    assert [("python-hash-seed", "fail")] == [
        (finding["check"], finding["outcome"]) for finding in json.loads(done.stdout)["findings"]
    ]


def test_an_environment_with_the_systems_packages_is_audited(environment, tmp_path):
    """`python3 -m venv --system-site-packages`: what the system holds counts as installed."""
    base = Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    subprocess.run([base, "-m", "venv", "--without-pip", "--system-site-packages", tmp_path / "venv"], check=True)
    asked = ["audit", "--python", tmp_path / "venv", "--check", "python-hash-seed", "-o", "out", "--json"]
    done = subprocess.run([AUDITOR, *asked], capture_output=True, check=False, cwd=tmp_path, env=environment, text=True)

    assert 0 == done.returncode, done.stderr
    assert is_clean(done)


# ------------------------------------------------------------------------------------------------------ memory


@pytest.fixture
def little_memory(tmp_path):
    """The file of a control group with a limit of memory: a process that writes its id there belongs to it."""
    for root in MEMORY_GROUPS:
        group = root / f"auditor-test-{os.getpid()}-{tmp_path.name}"
        with contextlib.suppress(OSError):
            group.mkdir()
            given = [name for name in LIMITS if (group / name).exists()]
            for name in given:
                (group / name).write_text(str(LIMITS[name]))
            if given:
                break
            group.rmdir()
    else:
        pytest.skip("needs root and a control group with a limit of memory")
    yield group / "cgroup.procs"
    while (group / "cgroup.procs").read_text():  # the kernel removes the last of the ended processes
        time.sleep(0.05)
    group.rmdir()


@pytest.mark.parametrize(
    ("check", "told"),
    [(HUNGRY, "its process was killed: out of memory"), (KILLED, "its process killed by SIGKILL")],
    ids=["by the kernel", "by another"],
)
def test_a_check_that_is_killed_for_memory_says_so(environment, tmp_path, little_memory, check, told):
    """The control group's counter tells a kill for memory from any other; the other checks go on."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "planted.py").write_text(check)
    asked = [
        "check",
        *HERE,
        "--checks-from",
        tmp_path / "mine",
        "--check",
        "own-planted",
        "--check",
        "python-hash-seed",
    ]
    script = f'echo $$ > {little_memory}; exec "$@"'
    done = subprocess.run(
        ["sh", "-c", script, "sh", AUDITOR, *asked, "--json"],
        capture_output=True,
        check=False,
        env=environment,
        text=True,
        timeout=300,
    )
    found = {finding["check"]: finding for finding in json.loads(done.stdout)["findings"]}

    assert ("error", "fail") == (found["own-planted"]["outcome"], found["python-hash-seed"]["outcome"])
    assert found["own-planted"]["message"].startswith(told)
    assert 3 == done.returncode, done.stderr
