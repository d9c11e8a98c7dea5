"""What identifies, planted wherever an audit looks, and searched in every file and stream that the program writes."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

AUDITOR = str(Path(sys.executable).with_name("auditor"))
HERE = ("--python", sys.executable)
UUID = "8c2f3a10-1b2c-4d3e-8f90-a1b2c3d4e5f6"
NAMES = {
    "HOSTNAME": "hyrule7.castle.edu",
    "USER": "zeldaq",
    "NCCL_PLANTED_UUID": f"GPU-{UUID}",
    "NCCL_PLANTED_SERIAL": "1422AB990017",
    "NCCL_PLANTED_IP": "10.23.45.67",
    "NCCL_PLANTED_IP6": "fd12:3456:789a:1::42",
    "NCCL_PLANTED_MAC": "3c:7c:3f:4b:5a:69",
    "NCCL_PLANTED_TEXT": "started by zeldaq on hyrule7.castle.edu",
    "SLURM_SUBMIT_HOST": "gerudo12",
    "CUDA_VISIBLE_DEVICES": f"GPU-{UUID}",
}
"""Variables of kinds that facts record."""
WORDS = ["hyrule7", "castle.edu", "zeldaq", UUID, "1422AB990017", "10.23.45.67", "fd12:3456", "3c:7c:3f", "gerudo12"]
REMOTE = "https://zeldaq:planted-pass@git.example.org/triforce/wisdom.git"
LEAK = "import os, sys\nfor name in sorted(os.environ): print(name, os.environ[name], __file__, file=sys.stderr)\n"
CRASH = LEAK + "import signal\nos.kill(os.getpid(), signal.SIGSEGV)\n"
RAISE = "import os\nraise RuntimeError(' '.join(os.environ.values()) + __file__)\n"
ONE_CHECK = ("--check", "python-hash-seed")


@pytest.fixture
def place(tmp_path):
    """A checkout in the home folder of the planted user, whose remote holds credentials."""
    folder = tmp_path / "home" / "zeldaq" / "dissertation"
    folder.mkdir(parents=True)
    for command in (["init", "-q"], ["remote", "add", "origin", REMOTE]):
        subprocess.run(["git", "-C", folder, *command], check=True)
    return folder


@pytest.fixture
def auditor(place):
    def run(*arguments, **environment):
        return subprocess.run(
            [AUDITOR, *map(str, arguments)],
            capture_output=True,
            check=False,
            cwd=place,
            env={"HOME": str(place.parent), "PATH": os.environ["PATH"], **NAMES, **environment},
            text=True,
            timeout=300,
        )

    return run


@pytest.fixture
def setup_file(place):
    def write(text):
        path = place / "prepare.py"
        path.write_text(text)
        return "prepare.py"

    return write


def everything(folder, *runs):
    """Name to text of every file below a folder and every stream."""
    found = {
        str(path.relative_to(folder)): path.read_text("utf-8", "replace")
        for path in folder.rglob("*")
        if path.is_file()
    }
    return found | {
        f"{number} {name}": getattr(run, name) for number, run in enumerate(runs) for name in ("stdout", "stderr")
    }


def leaks(words, texts):
    return [(word, name) for word in words for name, text in texts.items() if word in text]


def predicate(folder):
    return json.loads((folder / "manifest.json").read_text())


@pytest.mark.parametrize("mode", [(), ("--anonymous",)], ids=["default", "anonymous"])
def test_nothing_that_identifies_is_in_what_is_written_or_printed(auditor, setup_file, place, mode):
    """Facts, readings, reasons, stderr of processes that die, exceptions, progress: names are in none of them."""
    done = auditor("audit", *HERE, "-o", "out", "--setup", setup_file(LEAK), *ONE_CHECK, *mode)
    crashed = auditor("audit", *HERE, "-o", "crashed", "--setup", setup_file(CRASH), *ONE_CHECK, *mode)
    failed = auditor("audit", *HERE, "-o", "failed", "--setup", setup_file(RAISE), *ONE_CHECK, *mode)
    texts = everything(place / "out", done, crashed, failed) | everything(place / "crashed")

    assert done.returncode in (0, 1), done.stderr
    assert failed.returncode == 5
    assert "SIGSEGV" in texts["report.md"] + (place / "crashed" / "report.md").read_text()
    assert leaks([*WORDS, "planted-pass"], texts) == []
    assert predicate(place / "out")["predicate"]["facts"]["host.name"].get("value") != socket.gethostname()


def test_identify_shows_what_was_planted(auditor, setup_file, place):
    """The negative control: without tokens the same audit holds every name, and so the search can find one."""
    done = auditor("audit", *HERE, "-o", "out", "--setup", setup_file(CRASH), *ONE_CHECK, "--identify")
    facts = auditor("audit", *HERE, "-o", "facts", *ONE_CHECK, "--identify")
    texts = everything(place / "out", done, facts) | everything(place / "facts")
    missing = [word for word in WORDS if not leaks([word], texts)]

    assert missing == []
    assert leaks(["planted-pass"], texts) == []
    assert predicate(place / "facts")["predicate"]["facts"]["host.name"]["value"] == socket.gethostname()
    assert predicate(place / "facts")["predicate"]["run"]["privacy"] == "identified"


def test_check_hides_names_too_unless_told(auditor, setup_file):
    """Its JSON goes to public logs; --identify shows them."""
    hidden = auditor("check", *HERE, "--setup", setup_file(CRASH), *ONE_CHECK, "--json")
    shown = auditor("check", *HERE, "--setup", setup_file(CRASH), *ONE_CHECK, "--json", "--identify")

    assert leaks(WORDS, {"stdout": hidden.stdout, "stderr": hidden.stderr}) == []
    assert "zeldaq" in shown.stdout


def test_anonymous_leaves_no_path_no_project_and_no_signer(auditor, setup_file, place):
    """Nothing of the folders above; the subject is its digest; the key is neither this machine's nor the next one's."""
    (place / "wisdom.txt").write_text("data")
    keys = []
    for name in ("one", "two"):
        done = auditor(
            *("audit", *HERE, "-o", name, "--setup", setup_file(LEAK), *ONE_CHECK, "--anonymous"),
            *("--subject", "wisdom.txt", "-q"),
        )
        assert done.returncode in (0, 1), done.stderr
        keys.append((place / name / "signer.pub").read_bytes())
    texts = everything(place / "one")
    document = predicate(place / "one")
    facts = document["predicate"]["facts"].values()
    words = [
        *WORDS,
        "git.example.org",
        "triforce",
        "wisdom",
        "dissertation",
        str(Path(sys.prefix).parent),
        str(place.parent.parent),
    ]

    assert leaks(words, texts) == []
    assert {fact["state"] for fact in facts if fact["role"] == "identity"} == {"not-applicable"}
    assert document["subject"][-1]["name"] == "path:subject-1"
    assert list(document["predicate"]["facts"]["code.data"]["value"]) == ["path:subject-1"]
    assert "blind review" in texts["report.md"]
    assert keys[0] != keys[1]
    assert not (place.parent / ".config").exists()


def test_anonymous_verifies_as_intact_and_nobody_vouches(auditor, place):
    """Also on the machine that wrote it: its own key has nothing to do with it."""
    auditor("audit", *HERE, "-o", "mine", *ONE_CHECK, "-q")
    auditor("audit", *HERE, "-o", "blind", *ONE_CHECK, "-q", "--anonymous")
    judged = auditor("verify", "blind")

    assert auditor("verify", "mine").returncode == 0
    assert judged.returncode == 4
    assert "anyone could have made both" in judged.stdout
    assert auditor("verify", "blind", "--integrity-only").returncode == 0
    (place / "blind" / "manifest.json").write_text("{}")
    assert auditor("verify", "blind", "--integrity-only").returncode == 4


@pytest.mark.exhaustive  # CI has each mode by itself
def test_the_subjects_are_the_same_in_every_mode_and_tokens_in_every_audit(auditor, place):
    """The environment has one digest whoever may read of it; the host has one token on this machine."""
    modes = {"identified": ["--identify"], "tokenised": [], "again": [], "anonymous": ["--anonymous"]}
    for name, options in modes.items():
        auditor("audit", *HERE, "-o", name, *ONE_CHECK, "-q", *options)
    documents = [predicate(place / name) for name in modes]
    hosts = [document["predicate"]["facts"]["host.name"].get("value") for document in documents]

    assert len(documents[0]["subject"]) == 2
    assert [document["subject"] for document in documents] == [documents[0]["subject"]] * 4
    assert [document["predicate"]["run"]["privacy"] for document in documents] == [
        *("identified", "tokenised", "tokenised", "anonymous")
    ]
    assert hosts[1] == hosts[2]
    assert hosts[1].startswith("host-")


@pytest.mark.parametrize("other", [("--identify",), ("--key", "lab.pem")], ids=["identify", "key"])
def test_anonymous_excludes_what_would_tell_who_it_is(auditor, place, other):
    """Wrong usage, before anything is measured."""
    done = auditor("audit", *HERE, "-o", "out", "--anonymous", *other)

    assert done.returncode == 2
    assert other[0] in done.stderr
    assert not (place / "out").exists()


def test_a_key_that_cannot_be_kept_is_told(auditor, place):
    """The audit goes on under a key for this once."""
    shutil.rmtree(place.parent / ".config", ignore_errors=True)
    (place.parent / ".config").write_text("")
    done = auditor("audit", *HERE, "-o", "out", *ONE_CHECK, "-q", "--no-sign")

    assert done.returncode in (0, 1), done.stderr
    assert "cannot be compared with those of other audits" in done.stderr
    assert leaks(WORDS, everything(place / "out")) == []
