"""`auditor show`: each kind of our files again, fitting 80 columns; what is none is told; hostile text is inert."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import samples

from auditor import cli
from auditor.errors import FAILED, OK, UNTRUSTED
from auditor.experiment import portable
from auditor.experiment.tables import Place, Signature
from auditor.gate.formats import json_object
from auditor.gate.formats import text as gate_text
from auditor.gate.rules.result import Result as Judged
from auditor.gate.verdict import Input, Verdict
from auditor.manifest.models import Replay, payload_bytes
from auditor.privacy.modes import Privacy
from auditor.render import replay as replay_text
from auditor.replay.model import Confidence, Result
from auditor.signing.ed25519 import Ed25519Signer

HOSTILE = "\x1b[31mred\u202e\nverified: signed by a trusted key"
MOST_COLUMNS = 80


@pytest.fixture
def show(capsys, tmp_path, monkeypatch):
    """Show a file; gives exit code, stdout and stderr. The machine has no key of its own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    def shown(path, *options):
        capsys.readouterr()
        code = cli.run(["show", *map(str, options), str(path)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return shown


def fits(text):
    """Whether every line fits, and no character can change a terminal."""
    lines = text.split("\n")
    return all(len(line) <= MOST_COLUMNS and line.isprintable() for line in lines)


def verdict(reason="it failed", told="signed by a trusted key"):
    """A verdict of the gate with one failure."""
    one = Judged(rule="finding", name="torch-sort", state="fail", reason=reason, severity="high")
    return Verdict(
        exit_code=1,
        manifests=[Input(name="a/manifest.dsse.json", sha256="a" * 64, told=told)],
        policy=Input(name="auditor.toml", sha256="b" * 64),
        baseline=Input(name="base", sha256="c" * 64, told=told),
        result=one,
    )


def replayed(**more):
    """A result of a replay."""
    confidence = Confidence(runs=3, rate_bound_95=0.63)
    return Result(verdict="identical", runs=3, ops=7, exit_codes=[0, 0, 0], confidence=confidence, **more)


def written(path, text):
    """A file of this text."""
    path.write_text(text, encoding="utf-8")
    return path


def test_an_audit_is_shown_as_the_audit_ended(show, finished, monkeypatch):
    """Every line that `audit` printed before where its files are; the folder, the envelope, the bare manifest."""
    monkeypatch.setenv("HOME", str(finished.home))
    monkeypatch.delenv("XDG_CONFIG_HOME")
    before = finished.stdout.split("Where it is")[0]
    for path in (finished.folder, finished.folder / "manifest.dsse.json", finished.folder / "manifest.json"):
        code, out, err = show(path)

        assert OK == code
        assert out.splitlines()[-1] == finished.stdout.splitlines()[-1]
        assert ("UNSIGNED" in err) == (path.name == "manifest.json")
    assert show(finished.folder)[1].split("Where it is")[0] == before


def test_a_key_that_did_not_sign_is_refused(show, finished, tmp_path):
    """Exit 4 with another key and for a file without a signature; 0 with the signer's own."""
    other = tmp_path / "other.pub"
    other.write_bytes(Ed25519Signer.generate().verifier().public_pem())

    assert (UNTRUSTED, "") == show(finished.folder, "--key", other)[:2]
    assert (UNTRUSTED, "") == show(finished.folder / "manifest.json", "--key", other)[:2]
    assert UNTRUSTED == show(written(tmp_path / "r.json", replayed().model_dump_json()), "--key", other)[0]
    code, _, err = show(finished.folder, "--key", finished.folder / "signer.pub")
    assert (OK, True) == (code, "signed by a trusted key" in err)


def test_a_changed_manifest_is_refused(show, finished, tmp_path):
    """The signature does not verify: exit 4, and nothing is shown."""
    folder = finished.copied(tmp_path / "changed")
    envelope = json.loads((folder / "manifest.dsse.json").read_text())
    envelope["payload"] = envelope["payload"][:-8] + "AAAA" + envelope["payload"][-4:]
    (folder / "manifest.dsse.json").write_text(json.dumps(envelope))

    assert (UNTRUSTED, "") == show(folder)[:2]
    nothing = written(tmp_path / "e.json", '{"payload": "", "payloadType": "x", "signatures": []}')
    assert (UNTRUSTED, "") == show(nothing)[:2]


def test_a_manifest_of_a_replay_shows_its_verdict_and_no_counts_of_checks(show, tmp_path):
    """It holds no audit, so nothing is said of checks; one that also holds findings shows both."""
    held = Replay(command=["python", HOSTILE], verdict="identical", runs=3, operations=5, exit_codes=[0, 0, 0])
    whole = samples.manifest()
    for findings, counted in (([], False), (whole.predicate.findings, True)):
        predicate = whole.predicate.model_copy(update={"replays": [held], "findings": findings})
        path = tmp_path / "manifest.json"
        path.write_bytes(payload_bytes(whole.model_copy(update={"predicate": predicate})))
        code, out, _ = show(path)

        assert (OK, True) == (code, out.startswith("IDENTICAL: no difference was found in 3 runs"))
        assert counted == (" held, " in out)
        assert "UNSIGNED" in out
        assert fits(out)


@pytest.mark.parametrize("told", ["signed by a trusted key", HOSTILE])
def test_a_verdict_of_the_gate_is_shown_as_its_text(show, tmp_path, told):
    """The same lines as `--format text`; a hostile one makes no line and no escape sequence."""
    path = written(tmp_path / "gate.json", json_object.render(verdict(told=told)))
    code, out, _ = show(path)

    assert OK == code
    assert "gate: FAILED" == out.splitlines()[0]
    assert fits(out)
    assert not any(line.startswith("verified:") for line in out.splitlines())
    if told != HOSTILE:
        assert gate_text.render(verdict()) == out


def test_a_replay_is_shown_as_its_text(show, tmp_path):
    """The same lines as replay prints; long and hostile ones are folded and inert."""
    plain = replayed()
    code, out, _ = show(written(tmp_path / "r.json", plain.model_dump_json(indent=2)))
    assert (OK, replay_text.text(plain) + "\n") == (code, out.replace("\n    ", " "))
    hostile = replayed(problems=[HOSTILE * 3], outputs_differ=[HOSTILE])
    code, out, _ = show(written(tmp_path / "h.json", hostile.model_dump_json()))
    assert OK == code
    assert fits(out)
    assert not any(line.startswith("verified:") for line in out.splitlines())


def test_what_check_prints_as_json_is_shown_as_its_table(show, tmp_path):
    """A real `check --json`, and its real table."""
    auditor = str(Path(sys.executable).with_name("auditor"))
    asked = ["check", "--python", sys.executable, "--check", "python-file-order", "-q"]
    table, document = (
        subprocess.run([auditor, *asked, *more], capture_output=True, text=True, check=False).stdout
        for more in ((), ("--json",))
    )
    code, out, _ = show(written(tmp_path / "c.json", document))

    assert (OK, table) == (code, out)


def test_operators_are_listed_the_most_called_first(show, tmp_path):
    """Operator, tensors, calls, place; a damaged file is exit 5."""
    tensor = {"tensor": "float32", "shape": [2, 3], "strides": [3, 1], "device": "cpu"}
    place = Place("/home/x/train.py", 13, "", backward=False, calls=20)
    many = Signature("aten::mm", [[tensor, tensor], {}], {}, interior=False, calls=20, places=[place])
    few = Signature(f"aten::{HOSTILE}", [[], {}], {}, interior=False, calls=1)
    path = tmp_path / "named-otherwise"
    path.write_bytes(portable.document([few, many], Privacy("identified")))
    code, out, _ = show(path)

    listed = out.split("\n\n")[1]
    assert OK == code
    assert "aten::mm(float32[2,3], float32[2,3]): 20 calls, at train.py:13" == listed.splitlines()[0].strip()
    assert "2 distinct signatures, 21 calls" in out
    assert fits(out)
    damaged = written(tmp_path / "d", json.dumps({"format": portable.FORMAT, "signatures": [{"operator": 3}]}))
    assert FAILED == show(damaged)[0]


NOT_OURS = {
    "text": "hello",
    "empty": "",
    "list": "[1, 2]",
    "truncated": '{"schema": "urn:auditor:gate:v0.1", ',
    "other JSON": '{"name": "x", "version": 1}',
    "verdict without parts": '{"schema": "urn:auditor:gate:v0.1"}',
    "findings that are none": '{"schema": "urn:auditor:findings:v0.1", "findings": [{"check": 1}]}',
    "findings without a list": '{"schema": "urn:auditor:findings:v0.1"}',
    "a replay with other types": '{"verdict": "fine", "runs": 1, "ops": 1, "exit_codes": [], "confidence": {}}',
}


@pytest.mark.parametrize("name", NOT_OURS)
def test_what_is_none_of_our_files_is_told(show, tmp_path, name):
    """Nothing on stdout; an exit code of its own; the message names the file or what is wrong, and what to do."""
    path = written(tmp_path / "strange", NOT_OURS[name])
    code, out, err = show(path)

    assert (FAILED, "") == (code, out)
    assert err.startswith("auditor: ")
    assert "unexpected" not in err


def test_an_exit_code_that_no_gate_has_is_refused(show, tmp_path):
    """A verdict of another hand may say anything."""
    document = {**json.loads(json_object.render(verdict())), "exitCode": 77}

    assert FAILED == show(written(tmp_path / "g.json", json.dumps(document)))[0]


def test_archives_and_folders_that_are_none_of_ours_are_told(show, tmp_path):
    """A zip file that is no trace, a folder that is no audit's."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("word/document.xml", "x")
    (tmp_path / "folder").mkdir()

    assert [FAILED, FAILED] == [show(tmp_path / name)[0] for name in ("a.zip", "folder")]


def test_a_probe_is_shown_by_its_facts(show, tmp_path):
    """Each fact with its value, or why it could not be read; what does not apply is counted, what is no fact told."""
    held = {
        "a.value": {"state": "value", "role": "software", "value": [1, 2]},
        "b.none": {"state": "unknown", "role": "machine", "reason": HOSTILE},
        "c.odd": 7,
        "d.none": {"state": "not-applicable", "role": "machine", "reason": "no GPU"},
    }
    code, out, _ = show(written(tmp_path / "p.json", json.dumps({"facts": held})))

    assert (OK, True) == (code, fits(out))
    assert ["Facts (4; 1 do not apply here and are left out):", "  a.value: 1, 2"] == out.splitlines()[:2]
    assert "  c.odd: (not a fact: left out)" == out.splitlines()[-1]


def test_help_loads_no_models(tmp_path):
    """`show --help` costs no more than click and the trust options."""
    code = (
        "import sys; from auditor import cli; cli.run(['show', '--help']);"
        " print('pydantic' in sys.modules, 'rich' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)

    assert "False False" == done.stdout.splitlines()[-1]
