"""`auditor claim` as a command, on plain Python programs: verdicts, exit codes, and what a reviewer runs again."""

import base64
import json
import os
import signal
import subprocess
import sys

import pytest
from support import ROOT

from auditor.cli import run
from auditor.manifest.strict_json import canonical
from auditor.signing import envelope
from auditor.signing.ed25519 import Ed25519Signer

METRIC = ("--metric", r"accuracy=(\S+)")
SEED = ("--seed-arg", "--seed={}")
PROGRAM = """
import sys
seed = int(sys.argv[-1].partition("=")[2])
print("seen %d" % len(sys.argv))
print("accuracy=%.3f" % (0.9 + 0.001 * seed))
"""
"""Prints 0.900, 0.901, 0.902, ... for the seeds 0, 1, 2, ..."""


@pytest.fixture(autouse=True)
def work(tmp_path, monkeypatch):
    """A working folder and an identity of its own; returns the folder."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for variable in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        (tmp_path / variable).mkdir()
        monkeypatch.setenv(variable, str(tmp_path / variable))
    return folder


def program(folder, text=PROGRAM):
    """A command that runs this text as a program."""
    (folder / "eval.py").write_text(text)
    return ("--", sys.executable, "eval.py")


def claimed(*words):
    """The exit code of `auditor claim`."""
    return run(["claim", "-q", *words])


def of_seeds(reported, seeds="0,1,2", *more):
    """Options for the reported seeds."""
    return (*METRIC, "--reported", reported, *SEED, "--seed-values", seeds, *more)


def test_the_reported_digits_are_confirmed_and_other_digits_are_not(work, capfd):
    """0 and 1, with the figures."""
    command = program(work)

    assert 0 == claimed(*of_seeds("0.901 ± 0.001", "0,1,2", "--spread", "sd"), *command)
    told = capfd.readouterr()
    assert "accuracy=0.900" in told.out
    assert "CONFIRMED: 3 runs with the reported seeds gave the reported digits" in told.err
    assert 1 == claimed(*of_seeds("0.902"), *command)
    assert "NOT CONFIRMED: 3 runs with the reported seeds gave 0.901" in capfd.readouterr().err


def test_runs_with_other_seeds_are_judged_by_the_interval(work, capfd):
    """3 for too few, 1 for a number far away."""
    command = program(work)
    others = (*METRIC, "--spread", "sd", "--reported-runs", "5", "--seeds", "3", *SEED)

    assert 3 == claimed(*others, "--reported", "0.901 ± 0.001", *command)
    assert "TOO FEW RUNS TO TELL" in capfd.readouterr().err
    assert 1 == claimed(*others, "--reported", "0.951 ± 0.001", "--json", *command)
    found = json.loads(capfd.readouterr().out)
    assert ("not-confirmed", ["mean"], 1, [0.9, 0.901, 0.902]) == (
        found["verdict"],
        found["differs"],
        found["exit"],
        found["values"],
    )
    assert found["low"] < 0.901 < found["high"] < 0.951


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("print('accuracy=nan')", "nan is no metric"),
        ("print('accuracy=inf')", "inf is no metric"),
        ("print('accuracy=1e999')", "inf is no metric"),
        ("print('accuracy=1e200')", "1e+200 is no metric"),
        ("print('accuracy=' + '9' * 5000)", "is no metric"),
        ("print('accuracy=high')", "is no number: 'high'"),
        ("print('loss=1')", "no match"),
        ("raise SystemExit(7)", "exit code 7"),
    ],
)
def test_runs_without_a_number_confirm_nothing(work, capfd, text, told):
    """3, with a sentence; and nothing is written."""
    assert 3 == claimed(*of_seeds("0.9"), "-o", "out", *program(work, text))
    assert told in capfd.readouterr().err
    assert ["eval.py"] == [one.name for one in work.iterdir()]


def test_the_last_number_counts_where_several_are_printed(work, capfd):
    """And that is said where they differ."""
    several = program(work, "print('accuracy=0.1'); print('accuracy=0.9')")

    assert 0 == claimed(*of_seeds("0.9"), *several)
    assert "the last one of each run counts" in capfd.readouterr().err
    assert 0 == claimed(*of_seeds("0.9"), *program(work, "print('accuracy=0.9\\naccuracy=0.9')"))
    assert "the last one" not in capfd.readouterr().err


def test_a_program_that_ignores_its_seed_is_told_of(work, capfd):
    """Its runs are one run."""
    fixed = program(work, "print('accuracy=0.901')")
    others = (*METRIC, "--reported", "0.901 ± 0.001", "--spread", "sd", "--reported-runs", "30", "--seeds", "3", *SEED)

    assert 3 == claimed(*others, *fixed)
    assert (
        "All runs gave the same value: the metric does not vary, or their seeds do not reach it"
        in capfd.readouterr().err
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--reported", "0.9", *SEED, "--seeds", "2", "--reported-runs", "2"), "--metric is missing"),
        ((*METRIC, *SEED, "--seeds", "2"), "--reported is missing"),
        ((*METRIC, "--reported", "0.9", "--seeds", "2"), "--seed-arg is missing"),
        ((*METRIC, "--reported", "0.9", "--seed-arg", "--seed", "--seed-values", "1"), "has no {}"),
        ((*METRIC, "--reported", "high", *SEED, "--seed-values", "1"), "is no number"),
        (("--metric", "accuracy=.*", "--reported", "0.9", *SEED, "--seed-values", "1"), "no group"),
        ((*METRIC, "--reported", "0.9", *SEED, "--seed-values", "1", "--key", "eval.py"), "without --again"),
        ((*METRIC, "--reported", "0.9", *SEED, "--seed-values", "1", "--track"), "without -o"),
        ((*METRIC, "--reported", "0.9", *SEED, "--seed-values", "1", "--protect", "x"), "no size"),
    ],
)
def test_wrong_use_is_told_before_anything_is_run(work, capfd, words, told):
    """2."""
    assert 2 == claimed(*words, *program(work, "open('ran', 'w')"))
    assert told in capfd.readouterr().err
    assert not (work / "ran").exists()


def test_a_claim_is_signed_and_a_reviewer_judges_it_again(work, capfd):
    """With the same rule, on his own command: the one in the manifest is shown, and never run."""
    command = program(work)
    assert 0 == claimed(*of_seeds("0.901"), "-o", "claim", *command)
    held = json.loads((work / "claim/manifest.json").read_text())["predicate"]
    assert ["confirmed"] == [one["verdict"] for one in held["claims"]]
    assert held["facts"]["python.version"]["value"]
    assert 3 == len(held["claims"][0]["traces"]) == len([*(work / "claim.traces").iterdir()])
    assert 0 == run(["verify", "claim"])
    capfd.readouterr()

    assert 0 == run(["show", "claim"])
    assert "CONFIRMED: 3 runs with the reported seeds" in capfd.readouterr().out
    (work / "other.py").write_text(PROGRAM.replace("0.9 +", "0.8 +"))
    assert 1 == run(["claim", "--again", "claim", "-o", "again", "--", sys.executable, "other.py"])
    told = capfd.readouterr().err
    assert "its command, which is not run" in told
    assert "NOT CONFIRMED: 3 runs with the reported seeds gave 0.801" in told
    again = json.loads((work / "again/manifest.json").read_text())["predicate"]["claims"][0]
    assert ([sys.executable, "other.py"], "--seed={}") == (again["command"], again["seedArgument"])
    assert 64 == len(again["againOf"])


def signed_again(folder, change):
    """The claim's manifest after a change, signed by another key, in a folder of its own."""
    signer = Ed25519Signer.generate()
    document = json.loads((folder / "claim/manifest.json").read_text())
    change(document["predicate"])
    (folder / "strange").mkdir()
    (folder / "strange/manifest.dsse.json").write_bytes(envelope.write(envelope.sign(canonical(document), signer)))
    (folder / "strange/signer.pub").write_bytes(signer.verifier().public_pem())


def test_a_manifest_that_nobody_signed_or_without_a_claim_is_refused(work, capfd):
    """4 and 5, and nothing is run; options that the manifest states are wrong use."""
    command = program(work)
    assert 0 == claimed(*of_seeds("0.9", "0"), "-o", "claim", *command)
    ran = program(work, "open('ran', 'w')")

    assert 4 == claimed("--again", "claim/manifest.json", *ran)
    assert "UNSIGNED" in capfd.readouterr().err
    signed_again(work, lambda predicate: predicate.update(claims=[]))
    assert 5 == claimed("--again", "strange", *ran)
    assert "holds no claim" in capfd.readouterr().err
    assert 4 == claimed("--again", "strange", "--key", "claim/signer.pub", *ran)
    assert 2 == claimed("--again", "claim", "--seeds", "3", *ran)
    assert "no effect with --again" in capfd.readouterr().err
    assert not (work / "ran").exists()


def test_nothing_of_a_strangers_claim_becomes_an_argument_but_a_seed(work, capfd):
    """The seed argument must be a plain name, or the reviewer's own."""
    assert 0 == claimed(*of_seeds("0.9", "0"), "-o", "claim", *program(work))
    signed_again(work, lambda predicate: predicate["claims"][0].update(seedArgument="--exec=rm -rf {}", command=["rm"]))
    command = program(work)

    assert 2 == claimed("--again", "strange", *command)
    assert "no plain name" in capfd.readouterr().err
    assert 0 == claimed("--again", "strange", *SEED, *command)


def test_a_broken_signature_is_refused(work):
    """Exit 4, as for every command that reads a manifest."""
    command = program(work)
    assert 0 == claimed(*of_seeds("0.9", "0"), "-o", "claim", *command)
    path = work / "claim/manifest.dsse.json"
    document = json.loads(path.read_bytes())
    payload = base64.b64decode(document["payload"]).replace(b'"reported":"0.9"', b'"reported":"0.8"')
    path.write_text(json.dumps(document | {"payload": base64.b64encode(payload).decode()}))

    assert 4 == claimed("--again", "claim", *command)


def test_an_interrupted_claim_leaves_nothing_behind(work):
    """130, and no folder."""
    waiting = program(work, "import time\nprint('started', flush=True)\ntime.sleep(120)")
    words = [sys.executable, "-c", "from auditor.cli import main; main()", "claim", *of_seeds("0.9"), "-o", "out"]
    process = subprocess.Popen(
        [*words, *waiting],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert "started" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=120)

    assert 130 == process.returncode, told
    assert ["eval.py"] == [one.name for one in work.iterdir()]


def test_a_secret_in_the_expression_is_not_signed_and_that_is_said(work, capfd):
    """A manifest is published; the claim in it cannot be judged again then."""
    token = "hf_" + "aB3dE5gH7j" * 4
    command = program(work, f"print('{token} accuracy=0.9')")

    assert 0 == claimed("--metric", f"{token} accuracy=(.*)", *of_seeds("0.9", "0")[2:], "-o", "claim", *command)
    assert "--again will not find the metric" in capfd.readouterr().err
    assert token not in (work / "claim/manifest.json").read_text()
    assert 3 == claimed("--again", "claim", *command)
