"""`auditor remedy` as a user meets it: from an audit's folder to settings, and to their proof."""

from __future__ import annotations

import json
import os
import shlex
import sys

import pytest
import samples
import support
from remedy_cases import finding, manifest

from auditor import cli
from auditor.manifest.models import payload_bytes
from auditor.signing import envelope
from auditor.signing.ed25519 import Ed25519Signer

HERE = ("--python", sys.executable)
SEED = finding("python-hash-seed", framework="python", severity="medium", under={"hash-seed": "identical"})
STRANGER = finding("x\n'; touch pwned", env={"NCCL_ALGO": "$(touch pwned)", "LD_PRELOAD": "/evil.so"})


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """An empty current folder and home, and no hash seed."""
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PYTHONHASHSEED", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(folder, found, *, signed=True, when=None):
    """An audit's folder with this manifest."""
    folder.mkdir(parents=True)
    payload = payload_bytes(found)
    (folder / "manifest.json").write_bytes(payload)
    if signed:
        signer = Ed25519Signer.generate()
        (folder / "manifest.dsse.json").write_bytes(envelope.write(envelope.sign(payload, signer)))
        (folder / "signer.pub").write_bytes(signer.verifier().public_pem())
    for path in folder.iterdir() if when else ():
        os.utime(path, (when, when))
    return folder


def test_an_audits_finding_is_cured_and_the_cure_proven(capsys):
    """From the audit to the proof without naming a manifest: the seed is measured, and then proven, to cure."""
    audited = cli.run(["audit", *HERE, "-q", "--check", "python-hash-seed", "--fail-on", "low"])
    capsys.readouterr()

    code = cli.run(["remedy", *HERE, "--prove", "--fail-on", "low", "--json"])
    told = capsys.readouterr()
    answer = json.loads(told.out)

    assert (1, 0) == (audited, code)
    assert {"value": "0", "cures": ["python-hash-seed"], "beforeStart": True} == answer["environment"]["PYTHONHASHSEED"]
    assert "measured" == answer["findings"]["python-hash-seed"]["remedy"]
    assert "cured" == answer["findings"]["python-hash-seed"]["proof"]["status"]
    assert "using the newest audit in ./audits: audits/" in told.err


def test_a_remedy_that_does_not_cure_is_exit_1(here, capsys):
    """Under the same manifest a planted fault that no seed cures is found not cured; below the threshold it is 0."""
    written(here / "audit", manifest(SEED))
    (here / "planted.py").write_text(
        "import random\nfrom _auditor_checks.python import hash_seed\n"
        "hash_seed.measure = lambda settings: {'order': random.SystemRandom().random()}\n"
    )
    proof = ["remedy", "audit", *HERE, "--prove", "-q", "--setup", "planted.py"]

    assert 1 == cli.run([*proof, "--fail-on", "medium"])
    told = capsys.readouterr()
    assert "python-hash-seed: NOT cured" in told.out
    assert "the audit was made without one" in told.err
    assert 0 == cli.run([*proof, "--fail-on", "high"])


def test_what_no_setting_cures_is_left_to_hands(here, capsys):
    """Exit 1 at or above the threshold, and the remedy's own words."""
    written(here / "audit", manifest(finding("torch-uninitialised", remedy="change the version of torch")))

    assert 1 == cli.run(["remedy", "audit"])
    told = capsys.readouterr().out
    assert "by hand" in told
    assert "torch (audited: 2.13.0)" in told
    assert 0 == cli.run(["remedy", "audit", "--fail-on", "critical"])


def test_nothing_to_cure_is_exit_0(here, capsys):
    """No failed finding: said so, and nothing is run for a proof."""
    written(here / "audit", samples.manifest(findings=[]))

    assert 0 == cli.run(["remedy", "audit", "--prove", "--python", "/nowhere"])
    assert "nothing to cure" in capsys.readouterr().out


def test_the_newest_audit_is_taken(here, capsys):
    """By the time at which it was written, and what holds no manifest is none."""
    written(here / "audits" / "b-old", manifest(finding("torch-old")), when=1000)
    written(here / "audits" / "a-new", manifest(SEED), when=2000)
    (here / "audits" / "zzz").mkdir()

    assert 0 == cli.run(["remedy", "--format", "shell"])
    told = capsys.readouterr()
    assert "audits/a-new" in told.err
    assert "export PYTHONHASHSEED=0" in told.out.splitlines()


def test_without_any_audit_it_is_a_usage_error(here, capsys):
    """Exit 2, with what to do."""
    assert 2 == cli.run(["remedy"])
    assert "auditor audit" in capsys.readouterr().err
    assert [here / "home"] == [*here.iterdir()]


@pytest.mark.parametrize("form", ["shell", "dockerfile", "python"])
def test_a_strangers_manifest_is_inert_and_marked(here, capsys, form):
    """UNSIGNED is said; a value is quoted, a variable that loads code is left out, a name cannot leave its comment."""
    folder = written(here / "audit", manifest(SEED, STRANGER), signed=False)

    assert 0 == cli.run(["remedy", str(folder), "--format", form])
    told = capsys.readouterr().out
    assert "UNSIGNED" in told
    outside = [line for line in told.splitlines() if not line.startswith("#")]
    assert not any("LD_PRELOAD" in line for line in outside)
    assert not any(line.startswith("'; touch") for line in outside)
    if form == "shell":
        assert f"export NCCL_ALGO={shlex.quote('$(touch pwned)')}" in outside


def test_a_signature_that_does_not_verify_is_exit_4(here, capsys):
    """Another key beside it, or another key asked for: nothing of it is used."""
    folder = written(here / "audit", manifest(SEED))
    other = here / "other.pub"
    other.write_bytes(Ed25519Signer.generate().verifier().public_pem())

    assert 4 == cli.run(["remedy", "audit", "--key", str(other)])
    assert 0 == cli.run(["remedy", "audit", "--key", str(folder / "signer.pub")])
    assert "signed by a trusted key" in capsys.readouterr().out
    (folder / "signer.pub").write_bytes(other.read_bytes())
    assert 4 == cli.run(["remedy", "audit"])


@pytest.mark.parametrize(
    "arguments",
    [
        ["--format", "shell", "--json"],
        ["--runs", "5"],
        ["--setup", "audit/manifest.json"],
        ["--prove", "--runs", "2"],
        ["--check", "torch-thread-race"],
    ],
)
def test_what_would_be_ignored_is_refused(here, arguments):
    """Exit 2: options of a proof without one, too few runs for any, a check that did not fail there."""
    written(here / "audit", manifest(SEED))

    assert 2 == cli.run(["remedy", "audit", *arguments])


def test_what_cannot_be_measured_again_is_exit_3(here):
    """The finding is torch's and this Python has none: neither cured nor not."""
    race = finding("torch-thread-race", under={"framework-switch": "identical"})
    written(here / "audit", manifest(race))

    assert 3 == cli.run(["remedy", "audit", *HERE, "--prove", "-q"])


OWN = '''"""
The order of a set is the same in every process.

Why: for a test.

Remedy: export `PYTHONHASHSEED=0`.
"""
from ..declare import Check
CHECK = Check(severity="high", tier="quick", rule="identical", across=("process",), cure="hash-seed")

def measure(settings):
    return {"order": list({"word-%d" % number for number in range(64)})}
'''


def test_a_users_own_check_is_cured_and_proven(here, capsys):
    """With --checks-from its declaration counts and it runs in the proof; without, it is a stranger's."""
    (here / "mine").mkdir()
    (here / "mine" / "order.py").write_text(OWN)
    written(here / "audit", manifest(finding("own-order", framework="own")))

    assert 1 == cli.run(["remedy", "audit"])
    assert 0 == cli.run(["remedy", "audit", *HERE, "--prove", "-q", "--checks-from", "mine"])
    assert "own-order (proven)" in capsys.readouterr().out


@pytest.mark.frameworks
@pytest.mark.slow
@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="a race needs two processors")
def test_torchs_switch_is_proven_to_cure_its_race(here, capsys):
    """The real race of `index_put_` under torch's real switch, with its cost in time."""
    race = finding(
        "torch-thread-race",
        under={"framework-switch": "identical", "one-thread": "identical"},
        differing={"index_put_ accumulate": 20},
    )
    written(here / "audit", manifest(race))

    code = cli.run(["remedy", "audit", "--python", support.AUDITED, "--prove", "-q", "--json"])
    answer = json.loads(capsys.readouterr().out)
    proof = answer["findings"]["torch-thread-race"]["proof"]

    assert (0, "cured") == (code, proof["status"]), proof["reason"]
    assert ["torch.use_deterministic_algorithms(True)"] == [told["line"] for told in answer["code"]["torch"]]
    assert 0.1 < proof["timeRatio"] < 100
