"""`auditor compare`: what it takes, what it trusts, what it prints and with which code it leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import samples
from support import AUDITED

from auditor import cli
from auditor.manifest.models import Fact, payload_bytes
from auditor.signing import envelope
from auditor.signing.ed25519 import Ed25519Signer

AUDITOR = str(Path(sys.executable).with_name("auditor"))
NEWER = {"torch.version": Fact(state="value", role="software", value="2.14.0+cpu", source="sample")}
ESCAPE = {"host.os.version": Fact(state="value", role="software", value="12\x1b[2J\u202e\nsame", source="sample")}


def audited(folder, signer=None, **facts):
    """An audit's folder of the sample, with facts replaced."""
    payload = payload_bytes(samples.manifest(facts=samples.facts() | facts))
    signer = signer or Ed25519Signer.generate()
    folder.mkdir()
    (folder / "manifest.dsse.json").write_bytes(envelope.write(envelope.sign(payload, signer)))
    (folder / "manifest.json").write_bytes(payload)
    (folder / "signer.pub").write_bytes(signer.verifier().public_pem())
    return folder


def probe(path, facts):
    """What `probe --json` prints."""
    dumped = {key: fact.model_dump(mode="json", by_alias=True) for key, fact in facts.items()}
    path.write_text(json.dumps({"facts": dumped}, indent=2))
    return path


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with the audits `one`, `same` and `newer`, of one signer."""
    monkeypatch.chdir(tmp_path)
    signer = Ed25519Signer.generate()
    for name, facts in (("one", {}), ("same", {}), ("newer", NEWER)):
        audited(tmp_path / name, signer, **facts)
    return tmp_path


@pytest.mark.usefixtures("here")
def test_two_audits_of_one_environment_are_the_same(capsys):
    """Exit 0; both are accepted and said to be of nobody known."""
    assert cli.run(["compare", "one", "same"]) == 0
    told = capsys.readouterr()

    assert "Same: no difference that can change numbers was found." in told.out
    assert told.err.count("anyone could have made both") == 2


@pytest.mark.usefixtures("here")
def test_another_release_differs_materially(capsys):
    """Exit 1, and both versions are named."""
    assert cli.run(["compare", "one", "newer/manifest.dsse.json"]) == 1

    assert "torch.version\n    A 2.13.0+cpu\n    B 2.14.0+cpu" in capsys.readouterr().out


@pytest.mark.usefixtures("here")
def test_json_is_one_object_and_nothing_else(capsys):
    """Facts, readings, findings and a verdict; each fact with effect, reason and source."""
    assert cli.run(["compare", "one", "newer", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)

    assert {"facts", "readings", "findings", "verdict"} <= set(told)
    assert told["verdict"] == "differs"
    (fact,) = [fact for fact in told["facts"] if fact["outcome"] == "differs"]
    assert (fact["key"], fact["effect"], fact["a"]["value"]) == ("torch.version", "changes", "2.13.0+cpu")
    assert fact["reason"]
    assert fact["source"].startswith("https://")
    assert told["a"]["standing"] == "intact"


@pytest.mark.usefixtures("here")
def test_explaining_names_reasons_and_sources(capsys):
    """Only when asked."""
    cli.run(["compare", "one", "newer"])
    brief = capsys.readouterr().out
    cli.run(["compare", "one", "newer", "--explain"])
    explained = capsys.readouterr().out

    assert "source: " not in brief
    assert "source: https://docs.pytorch.org/docs/stable/notes/randomness.html" in explained


def test_a_bare_manifest_and_a_probe_are_unsigned(here, capsys):
    """Accepted, and marked on both streams."""
    facts = probe(here / "probe.json", samples.facts())

    assert cli.run(["compare", "one/manifest.json", str(facts)]) == 0
    told = capsys.readouterr()
    assert told.err.count("UNSIGNED") == 2
    assert told.out.count("UNSIGNED") == 2
    assert "B is the output of a probe" in told.out


def test_what_cannot_be_told_is_exit_3(here):
    """A probe that never asked for the frameworks does not agree with an audit that did."""
    shallow = {key: fact for key, fact in samples.facts().items() if not key.startswith("torch.")}

    assert cli.run(["compare", "one", str(probe(here / "shallow.json", shallow))]) == 3


def test_a_changed_envelope_is_refused(here, capsys):
    """Exit 4, and nothing is compared."""
    path = here / "newer" / "manifest.dsse.json"
    read = envelope.read(path.read_bytes())
    changed = envelope.Envelope(read.payload.replace(b"2.14.0", b"2.13.0"), read.payload_type, read.signatures)
    path.write_bytes(envelope.write(changed))

    assert cli.run(["compare", "one", "newer"]) == 4
    assert capsys.readouterr().out == ""


def test_a_named_key_must_have_signed_both(here, tmp_path):
    """Exit 4 for another key, for a bare manifest and for a probe; no warning where it signed."""
    audited(tmp_path / "foreign")
    facts = probe(here / "probe.json", samples.facts())
    key = ["--key", "one/signer.pub"]

    assert cli.run(["compare", "one", "same", *key]) == 0
    assert cli.run(["compare", "one", "foreign", *key]) == 4
    assert cli.run(["compare", "one", "same/manifest.json", *key]) == 4
    assert cli.run(["compare", str(facts), "one", *key]) == 4


def test_a_trust_file_counts_as_keys_do(here, capsys):
    """Its keys are trusted, which is said of both sides, and nothing else is."""
    (here / "trusted").write_text("one/signer.pub\n")

    assert cli.run(["compare", "one", "same", "--trust", "trusted"]) == 0
    said = [line.partition(" is ")[2] for line in capsys.readouterr().err.splitlines()]
    assert said == ["signed by a trusted key."] * 2


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", 5),
        (b"{", 5),
        (b"[]", 5),
        (b'{"facts": []}', 5),
        (b'{"facts": {"a": {"state": "odd", "role": "software"}}}', 5),
        (b'{"facts": {}, "facts": {}}', 5),
        (b'{"facts": {"a": 1}}', 5),
        (b'{"_type": "x"}', 5),
        (b'{"facts": {}}', 3),
    ],
)
def test_what_is_neither_manifest_nor_probe_is_refused(here, content, code):
    """Exit 5; an empty probe is one, and tells nothing."""
    (here / "broken.json").write_bytes(content)

    assert cli.run(["compare", "one", "broken.json"]) == code


def test_what_is_not_there_is_a_usage_error(here):
    """Exit 2: a missing file, a folder without a manifest, one side alone."""
    (here / "empty").mkdir()

    assert cli.run(["compare", "one", "nowhere"]) == 2
    assert cli.run(["compare", "one", "empty"]) == 2
    assert cli.run(["compare", "one"]) == 2


def test_a_hostile_value_does_nothing_to_the_terminal(here, capsys):
    """It is shown escaped; JSON has it whole."""
    audited(here / "evil", **ESCAPE)

    assert cli.run(["compare", "one", "evil"]) == 1
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert r"12\x1b[2J\u202e\nsame" in shown
    cli.run(["compare", "one", "evil", "--json"])
    assert any(
        fact["b"]["value"] == ESCAPE["host.os.version"].value for fact in json.loads(capsys.readouterr().out)["facts"]
    )


def test_a_probe_can_come_through_a_pipe(here):
    """`auditor compare <(auditor probe --json) audit`; a manifest cannot, since its key lies beside it."""
    facts = probe(here / "probe.json", samples.facts())
    fifo = here / "pipe"
    os.mkfifo(fifo)

    def through(path):
        with subprocess.Popen(["sh", "-c", f"cat {path} > pipe"]):
            return cli.run(["compare", "pipe", "one"])

    assert through(facts) == 0
    assert through("one/manifest.dsse.json") == 2


@pytest.mark.frameworks
@pytest.mark.exhaustive
def test_two_real_audits_name_onednn_beside_the_reading_that_it_moved(tmp_path):
    """TensorFlow's own seeded run, measured with oneDNN kernels and without: other bits, and the switch is named."""

    def run(*arguments, **environment):
        return subprocess.run(
            [AUDITOR, *arguments],
            capture_output=True,
            check=False,
            cwd=tmp_path,
            env={"HOME": str(tmp_path), "PATH": os.environ["PATH"], **environment},
            text=True,
            timeout=300,
        )

    for name, switch in (("on", "1"), ("off", "0")):
        chosen = ("--python", AUDITED, "--framework", "tensorflow", "--check", "tensorflow-same-seed", "-q", "-o", name)
        done = run("audit", *chosen, TF_ENABLE_ONEDNN_OPTS=switch)
        assert (tmp_path / name / "manifest.dsse.json").exists(), done.stderr
    done = run("compare", "on", "off", "--json")
    told = json.loads(done.stdout)
    moved = [one for one in told["readings"] if one["outcome"] == "differs" and not one["settings"]]

    assert done.returncode == 1
    assert [one["check"] for one in moved] == ["tensorflow-same-seed"]
    assert "losses" in moved[0]["names"]
    assert moved[0]["candidates"] == ["env/TF_ENABLE_ONEDNN_OPTS", "tensorflow.onednn"]
    assert {fact["key"] for fact in told["facts"] if fact["outcome"] == "differs" and fact["effect"] != "cannot"} == {
        "env",
        "tensorflow.onednn",
        "tensorflow.after.onednn",
    }
