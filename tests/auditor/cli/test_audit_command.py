"""The commands as a user meets them: real processes of the program, good and bad input, exit codes, nothing lost."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from support import AUDITED

from auditor.manifest import program

AUDITOR = str(Path(sys.executable).with_name("auditor"))
SECRETS = {
    "HF_TOKEN": "hf_PlantedPlantedPlantedPlanted012345",
    "WANDB_API_KEY": "0123456789abcdef0123456789abcdef01234567",
    "AWS_SECRET_ACCESS_KEY": "pLaNtEd/secret+access/key0123456789ABCDE",
    "PIP_INDEX_URL": "https://planted-user:planted-pass@registry.example/simple",
    "TF_PLANTED_PASSWORD": "correct horse battery",
    "NCCL_PLANTED": "https://x:planted-in-url@proxy.example:3128",
}


@pytest.fixture
def home(tmp_path):
    """An empty home: its own identity and caches."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def auditor(home, tmp_path):
    """Run the program in an empty working folder."""

    def run(*arguments, **environment):
        return subprocess.run(
            [AUDITOR, *map(str, arguments)],
            capture_output=True,
            check=False,
            cwd=tmp_path,
            env={"HOME": str(home), "PATH": os.environ["PATH"], **environment},
            text=True,
            timeout=580,
        )

    return run


@pytest.fixture
def script(tmp_path):
    """An executable file with that name and text."""

    def write(name, text):
        path = tmp_path / name
        path.write_text(text)
        path.chmod(0o755)
        return path

    return write


HERE = ("--python", sys.executable)
QUICK = "environment-conflicting-packages"
"""A check of one process, for tests of what is written and not of what is measured."""


def test_named_checks_without_any_framework_report_facts_and_findings(finished):
    """Python-level checks that were named are judged; facts of frameworks say that they do not apply."""
    manifest = finished.predicate
    outcomes = {finding["check"]: finding["outcome"] for finding in manifest["findings"]}

    assert finished.code == 0, finished.stderr
    assert outcomes["python-hash-seed"] == "fail"
    assert manifest["facts"]["python.version"]["value"] == sys.version.split()[0]
    assert manifest["facts"]["torch.version"]["state"] == "not-applicable"


def test_the_folder_verifies_and_holds_what_the_design_says(auditor, finished, tmp_path):
    """Envelope, payload, signed list, signer, report, specs and a .gitignore; `verify` compares all with the list."""
    finished.copied(tmp_path / "out")
    names = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()}

    assert names == {
        ".gitignore",
        "files.dsse.json",
        "manifest.dsse.json",
        "manifest.json",
        "report.md",
        "signer.pub",
        "specs/devcontainer/devcontainer.json",
        "specs/Dockerfile",
        "specs/apptainer.def",
        "specs/requirements.txt",
        "specs/wheels/README",
    }
    assert auditor("verify", "out", HOME=str(finished.home)).returncode == 0
    report = tmp_path / "out" / "report.md"
    report.write_text(report.read_text().replace("python-hash-seed", "python-hash-sead", 1))
    changed = auditor("verify", "out", HOME=str(finished.home))
    assert changed.returncode == 4
    assert "report.md" in changed.stdout + changed.stderr


def test_an_audit_does_not_turn_a_clean_checkout_dirty(auditor, tmp_path):
    """The default folder ignores itself."""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".git" / "info" / "exclude").write_text("home\n")
    auditor("audit", *HERE, "-q", "--check", "python-hash-seed")
    status = subprocess.run(
        ["git", "-C", tmp_path, "status", "--porcelain"], capture_output=True, check=True, text=True
    )

    assert len(list((tmp_path / "audits").iterdir())) == 1
    assert status.stdout == ""


def test_a_tracked_audit_is_committed_whole_and_verifies_in_a_clone_with_autocrlf(auditor, tmp_path):
    """`--track`: git takes the folder in, and leaves its line endings alone."""
    kept = tmp_path / "paper"
    subprocess.run(["git", "init", "-q", kept], check=True)
    assert auditor("audit", *HERE, "-q", "--check", "python-hash-seed", "--track", "-o", "paper/audit").returncode == 0
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run([*git, "-C", kept, "add", "-A"], check=True)
    subprocess.run([*git, "-C", kept, "commit", "-qm", "audit"], check=True)
    subprocess.run([*git, "clone", "-q", "-c", "core.autocrlf=true", kept, tmp_path / "windows"], check=True)

    there = {path.name for path in (tmp_path / "windows" / "audit").iterdir()}
    assert {".gitattributes", "manifest.dsse.json", "files.dsse.json", "report.md"} <= there
    assert ".gitignore" not in there
    assert auditor("verify", "windows/audit").returncode == 0
    (tmp_path / "windows" / "audit" / ".gitattributes").write_text("* text\n")
    assert auditor("verify", "windows/audit").returncode == 4


@pytest.mark.parametrize(
    ("python", "code", "told"),
    [
        ("/nowhere/python", 2, "/nowhere/python does not exist"),
        ("/bin/ls", 2, "/bin/ls is not a Python (exit code 2)\n"),
        ("/etc/passwd", 2, "cannot be executed"),
        ("/etc", 2, "folder without bin/python"),
    ],
)
def test_a_path_that_is_no_python_is_a_usage_error(auditor, tmp_path, python, code, told):
    """One clear message, nothing measured, nothing written."""
    done = auditor("audit", "--python", python, "-o", "out")

    assert done.returncode == code
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_python_that_dies_on_start_is_the_tools_failure(auditor, script):
    """Exit 5, with the end of what it said."""
    dying = script(
        "python3-broken", "#!/bin/sh\necho 'error while loading shared libraries: libplanted' >&2\nexit 127\n"
    )
    done = auditor("audit", "--python", dying)

    assert done.returncode == 5
    assert "dies on start" in done.stderr
    assert "libplanted" in done.stderr


def test_a_python_that_hangs_on_start_is_given_up(script, monkeypatch):
    """A sitecustomize that waits must not hang the audit: every process has a limit."""
    from auditor.errors import InterpreterError
    from auditor.interpreter import discovery

    monkeypatch.setattr(discovery, "IDENTIFY_SECONDS", 1)
    hanging = script("python3-hanging", "#!/bin/sh\nexec sleep 60\n")

    with pytest.raises(InterpreterError, match="did not answer within 1 s"):
        discovery.discover(str(hanging))


def test_an_unwritable_output_fails_before_anything_is_measured(auditor):
    """Exit 5, and no process was started."""
    done = auditor("audit", *HERE, "-o", "/proc/nowhere/out", "--check", "python-hash-seed")

    assert done.returncode == 5
    assert "cannot be written" in done.stderr
    assert "Auditing" not in done.stderr


def test_a_folder_that_holds_something_is_never_overwritten(auditor, tmp_path):
    """What existed stays as it was."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "precious").write_text("thesis")
    done = auditor("audit", *HERE, "-o", "out", "--check", "python-hash-seed")

    assert done.returncode == 2
    assert (tmp_path / "out" / "precious").read_text() == "thesis"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["precious"]


def test_two_audits_into_one_folder_at_once_end_with_one(auditor, home, tmp_path):
    """The second is told at once which process writes there; the first finishes undisturbed."""
    setup = tmp_path / "slow.py"
    setup.write_text("import time; time.sleep(2)")
    command = [AUDITOR, "audit", *HERE, "-o", "out", "-q", "--setup", str(setup), "--check", QUICK]
    environment = {"HOME": str(home), "PATH": os.environ["PATH"]}
    first = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while not (tmp_path / ".out.partial").exists():
        time.sleep(0.05)
    second = auditor("audit", *HERE, "-o", "out", "-q", "--check", QUICK)

    assert second.returncode == 5
    assert f"process {first.pid}" in second.stderr
    assert first.wait(120) == 0
    assert auditor("verify", "out").returncode == 0


@contextlib.contextmanager
def not_ignored(number):
    """A process that is started here gets the signal's default action, though these tests may run under nohup."""
    before = signal.signal(number, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(number, before)


def _measuring(number):
    """The processes below this one that measure; one that lists the catalogue ends before."""
    found = []
    for child in psutil.Process(number).children(recursive=True):
        with contextlib.suppress(psutil.Error):  # it has ended
            found += [child] if "measure" in child.cmdline() else []
    return found


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGHUP, 130)])
def test_an_interruption_leaves_nothing_behind(home, tmp_path, number, code):
    """Exit 130, no folder, no staging, no process."""
    setup = tmp_path / "slow.py"
    setup.write_text("import time; time.sleep(83.25)")
    with not_ignored(number):
        running = subprocess.Popen(
            [AUDITOR, "audit", *HERE, "-o", "out", "--setup", setup, "--check", "python-hash-seed"],
            cwd=tmp_path,
            env={"HOME": str(home), "PATH": os.environ["PATH"]},
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
    deadline = time.monotonic() + 60
    while not (children := _measuring(running.pid)) and time.monotonic() < deadline:
        time.sleep(0.1)
    running.send_signal(number)
    _, told = running.communicate(timeout=30)

    assert children
    assert running.returncode == code
    assert "interrupted" in told
    assert "Traceback" not in told
    assert not [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "slow.py"]


def test_an_audit_that_was_killed_is_followed_by_one_that_works(auditor, home, tmp_path):
    """SIGKILL leaves a staging without a living lock; the next audit clears it."""
    setup = tmp_path / "slow.py"
    setup.write_text("import time; time.sleep(5)")
    running = subprocess.Popen(
        [AUDITOR, "audit", *HERE, "-o", "out", "-q", "--setup", setup, "--check", "python-hash-seed"],
        cwd=tmp_path,
        env={"HOME": str(home), "PATH": "/bin"},
    )
    while not (tmp_path / ".out.partial").exists():
        time.sleep(0.05)
    running.kill()
    running.wait()
    done = auditor("audit", *HERE, "-o", "out", "-q", "--check", "python-hash-seed")

    assert done.returncode == 0, done.stderr
    assert not (tmp_path / ".out.partial").exists()


def test_planted_secrets_are_in_nothing_that_is_written_or_printed(auditor, tmp_path):
    """Tokens, passwords and credentials inside URLs: not in the folder, not on a stream, not in a crash's tail."""
    setup = tmp_path / "leak.py"
    setup.write_text("import os, sys\nfor name in sorted(os.environ): print(name, os.environ[name], file=sys.stderr)\n")
    done = auditor("audit", *HERE, "-o", "out", "--setup", setup, "--check", "python-hash-seed", **SECRETS)
    probed = auditor("probe", *HERE, "--json", **SECRETS)
    setup.write_text("import os\nraise RuntimeError(' '.join(os.environ.values()))\n")
    failed = auditor("audit", *HERE, "--setup", setup, "--check", "python-hash-seed", **SECRETS)
    everything = [path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()]
    everything += [text.encode() for run in (done, probed, failed) for text in (run.stdout, run.stderr)]
    words = [*SECRETS.values(), "planted-pass", "planted-in-url"]

    assert done.returncode == 0, done.stderr
    assert failed.returncode == 5
    assert [(word, place[:80]) for word in words for place in everything if word.encode() in place] == []


def test_what_was_required_and_could_not_be_measured_is_exit_3(auditor):
    """Not installed is not a pass for a check that was named, beside one that needs no framework."""
    done = auditor("check", *HERE, "--check", "torch-same-seed", "--check", "python-hash-seed", "-q")

    assert done.returncode == 3
    assert "torch-same-seed was required and could not be measured: torch is not installed" in done.stderr
    assert auditor("check", *HERE, "--check", "python-hash-seed", "-q").returncode == 0


def test_the_threshold_decides_between_0_and_1(auditor):
    """A cured deviation is low; it fails at `low`, and at its own severity when determinism is required."""
    asked = ("check", *HERE, "--check", "python-hash-seed", "-q")

    assert auditor(*asked, "--fail-on", "low").returncode == 1
    assert auditor(*asked, "--fail-on", "medium").returncode == 0
    assert auditor(*asked, "--fail-on", "medium", "--require-deterministic").returncode == 1
    assert auditor(*asked, "--fail-on", "low", PYTHONHASHSEED="0").returncode == 0


def test_json_is_all_there_is_on_standard_output(auditor):
    """`--json` can be piped into a parser, progress or not."""
    for command in (
        ("check", "--check", "python-hash-seed"),
        ("audit", "--check", "python-hash-seed"),
        ("probe", "--shallow"),
    ):
        done = auditor(*command, *HERE, "--json")

        assert isinstance(json.loads(done.stdout), dict)
        assert done.stderr


def test_a_probe_prints_facts_in_the_manifests_form(auditor):
    """`{"facts": {...}}`, each with state, role and source."""
    facts = json.loads(auditor("probe", *HERE, "--json", "-q").stdout)["facts"]

    assert facts["python.version"]["state"] == "value"
    assert facts["torch.version"]["state"] == "not-applicable"
    assert {"state", "role"} <= facts["host.cpu.model"].keys()


def test_a_shallow_probe_imports_no_framework(auditor, tmp_path):
    """A framework that would raise on import does not notice it."""
    (tmp_path / "torch.py").write_text("raise SystemExit('imported')")
    facts = json.loads(auditor("probe", *HERE, "--shallow", "--json", "-q", PYTHONPATH=str(tmp_path)).stdout)["facts"]

    assert "torch.version" not in facts
    assert facts["host.cpu.model"]["state"] == "value"


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--check", "nope"),
        ("audit", "--subject", "nowhere"),
        ("audit", "--subject", "oci:x:latest"),
        ("bogus",),
    ],
)
def test_a_wrong_word_is_a_usage_error(auditor, arguments):
    """Exit 2 with a hint, and no Python traceback."""
    done = auditor(*arguments)

    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_subject_is_what_the_manifest_is_about(auditor, tmp_path):
    """A file by its sha256, a commit by its id, an image by its digest, after the two computed subjects."""
    subprocess.run(["git", "init", "-q", "."], check=True, cwd=tmp_path)
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", *identity, "commit", "-q", "--allow-empty", "-m", "x"], check=True, cwd=tmp_path)
    head = subprocess.run(["git", "rev-parse", "HEAD"], check=True, cwd=tmp_path, capture_output=True, text=True).stdout
    (tmp_path / "paper.tex").write_bytes(b"abc")
    image = f"oci:registry.example/name@sha256:{'a' * 64}"
    asked = ("--subject", "paper.tex", "--subject", "git:HEAD", "--subject", image, "--check", "python-hash-seed")
    done = auditor("audit", *HERE, "-o", "out", "-q", *asked)
    assert done.returncode == 0, done.stderr
    document = json.loads((tmp_path / "out" / "manifest.json").read_text())
    subjects = document["subject"]
    digests = {subject["name"]: next(iter(subject["digest"].values())) for subject in subjects[-3:]}

    assert document["predicate"]["facts"]["code.data"]["value"] == digests
    assert [subject["name"] for subject in subjects[-3:]] == ["paper.tex", "git:HEAD", "oci:registry.example/name"]
    assert subjects[-3]["digest"] == {"sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}
    assert subjects[-2]["digest"] == {"gitCommit": head.strip()}
    assert auditor("verify", "out").returncode == 0


def test_unsigned_is_said_everywhere(auditor, tmp_path):
    """`--no-sign` writes no envelope signature, and says UNSIGNED in the report and on the terminal."""
    done = auditor("audit", *HERE, "-o", "out", "-q", "--no-sign", "--check", "python-hash-seed")

    assert "UNSIGNED" in done.stdout
    assert "UNSIGNED" in (tmp_path / "out" / "report.md").read_text()
    assert auditor("verify", "out").returncode == 4


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--key", "nowhere.pem"), "File 'nowhere.pem' does not exist"),
        (("--key", "here.pem", "--no-sign"), "--no-sign and --key exclude each other"),
    ],
)
def test_a_key_that_cannot_be_used_is_a_usage_error_before_anything_is_measured(auditor, tmp_path, options, told):
    """A missing key, or one that nothing would be signed with, must not cost an audit."""
    (tmp_path / "here.pem").write_text("")
    done = auditor("audit", *HERE, "-o", "out", "--check", "python-hash-seed", *options)

    assert (2, True) == (done.returncode, told in done.stderr), done.stderr
    assert "Auditing" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_key_that_is_there_signs(auditor, tmp_path):
    """The negative control."""
    auditor("keygen", "-o", "mine")
    done = auditor("audit", *HERE, "-o", "out", "-q", "--check", "python-hash-seed", "--key", "mine.pem")

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "manifest.dsse.json").exists()


def test_an_unexpected_exception_is_exit_5_and_names_itself(monkeypatch, capsys):
    """A defect of ours is no verdict about the environment."""
    from auditor import cli
    from auditor.catalogue import catalogue

    monkeypatch.setattr(catalogue, "load", lambda **_options: 1 / 0)

    assert cli.run(["list"]) == 5
    assert "unexpected ZeroDivisionError" in capsys.readouterr().err


def test_explain_prints_the_text_of_record(auditor):
    """The docstring of the check, in words."""
    told = auditor("explain", "python-hash-seed").stdout

    assert "Sets of strings iterate in the same order" in told
    assert "PYTHONHASHSEED=0" in told


@pytest.mark.parametrize("name", [program.OPERATORS, program.SEEDS])
def test_the_findings_about_a_program_are_explained_like_checks(auditor, name):
    """The summary sends people there; a name that is neither is refused as before."""
    told = auditor("explain", name)

    assert (0, name) == (told.returncode, told.stdout.splitlines()[0])
    assert all(f"\n\n{part}: " in told.stdout for part in ("Why", "Remedy", "Measured"))
    assert 2 == auditor("explain", "experiment-other").returncode


@pytest.mark.frameworks
@pytest.mark.slow
@pytest.mark.alone
def test_a_quick_audit_of_three_real_frameworks_tells_the_truth_about_them(auditor, tmp_path):
    """End to end: torch's documented race is cured and low, its compiled fill is a failure, seeds hold everywhere."""
    done = auditor("audit", "--python", AUDITED, "-o", "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())["predicate"]
    found = {finding["check"]: finding for finding in manifest["findings"]}

    assert done.returncode == 0, done.stderr
    assert "of these releases give" in done.stdout.splitlines()[0]
    assert not re.search(r"\b(passed|fine|green)\b", done.stdout)
    assert [found[f"{name}-same-seed"]["outcome"] for name in ("torch", "tensorflow", "jax")] == ["pass"] * 3
    assert found["torch-thread-race"]["known"] == "documented-and-cured"
    assert any("index_put_" in name for name in found["torch-thread-race"]["evidence"]["differing"])
    assert "empty_like" in json.dumps(found["torch-flag-takes-effect"]["evidence"]["broken"])
    assert not [name for name, finding in found.items() if finding["outcome"] == "error"]
    assert {reading["check"].split("-")[0] for reading in manifest["readings"]} >= {
        "torch",
        "tensorflow",
        "jax",
        "python",
    }
    assert auditor("verify", "out").returncode == 0


def test_what_a_set_up_file_changes_stands_in_manifest_and_report(auditor, tmp_path):
    """The real run's switches beside those of a bare interpreter; without a set-up file nothing is compared."""
    setup = tmp_path / "settings.py"
    setup.write_text("import gc\ngc.disable()\n")
    auditor("audit", *HERE, "-o", "with", "-q", "--setup", setup, "--check", "python-hash-seed")
    auditor("audit", *HERE, "-o", "without", "-q", "--check", "python-hash-seed")
    manifest = json.loads((tmp_path / "with" / "manifest.json").read_text())["predicate"]

    assert list(manifest["defaults"]) == ["python.gc.enabled"]
    assert manifest["defaults"]["python.gc.enabled"]["value"] is True
    assert manifest["facts"]["python.gc.enabled"]["value"] is False
    assert "What the set-up file changed" in (tmp_path / "with" / "report.md").read_text()
    assert json.loads((tmp_path / "without" / "manifest.json").read_text())["predicate"]["defaults"] == {}
    assert auditor("verify", "with").returncode == 0
