"""RO-Crates: every file with its digest, what does not verify is refused, names and values are only data."""

import hashlib
import io
import json
import os
import subprocess
import zipfile
from pathlib import Path
from urllib.parse import unquote

import examples
import pytest
import samples
import yaml
from hypothesis import HealthCheck, given, settings
from streams import folder_of

from auditor.claim import asked
from auditor.cli import run
from auditor.errors import OutputError
from auditor.manifest.models import Digest, Subject
from auditor.output import audit_folder, claim_record
from auditor.output.atomic_folder import Staging
from auditor.replay.trace.archive import pack as pack_trace
from auditor.report.crate import metadata, pack, parts
from auditor.report.crate.stated import Stated
from auditor.signing.ed25519 import Ed25519Signer

ROOT = Path(__file__).resolve().parents[3]
SPECIMEN = ROOT / "reports" / "specimens" / "folder-2026-11-29"
VALIDATOR = os.environ.get("AUDITOR_TEST_CRATES", str(ROOT / ".venv-crates" / "bin" / "python"))
"""The interpreter with roc-validator that `make crates` made."""
needs_validator = pytest.mark.skipif(not Path(VALIDATOR).exists(), reason="roc-validator is missing: `make crates`")
SIGNER = Ed25519Signer.generate()
HOSTILE_NAME = 'O\'Brien "x", Ada: {y} # <b>\u00e9'


@pytest.fixture(autouse=True)
def without_own_key(tmp_path, monkeypatch):
    """The machine has no key of its own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def audited(path, signer=SIGNER, traces=(), privacy="tokenised", *, started="2026-11-29T00:00:00Z", claims=()):
    """An audit's folder that names these traces as subjects."""
    manifest = samples.manifest()
    change = {"privacy": privacy, "started_on": started}
    run_ = manifest.predicate.run.model_copy(update=change)
    named = [
        Subject(name=f"trace:{one.name}", digest=Digest(sha256=hashlib.sha256(one.read_bytes()).hexdigest()))
        for one in traces
    ]
    predicate = manifest.predicate.model_copy(update={"run": run_, "claims": [*claims]})
    manifest = manifest.model_copy(update={"predicate": predicate, "subject": [*manifest.subject, *named]})
    with Staging(path) as staging:
        audit_folder.write_audit(staging, manifest, signer)
        staging.commit()
    return path


def claim(values):
    """What runs with these values say of 0.500 +- 0.010, reported of 20 runs."""
    made = asked.asked(
        metric="accuracy=([0-9.]+)",
        reported="0.500 ± 0.010",
        kind="sd",
        reported_runs=20,
        seeds=len(values),
        seed_values="",
        seed_argument="--seed={}",
    )
    return claim_record.record(made, ["python", "eval.py"], values)


def traced(path):
    """One packed trace."""
    path.parent.mkdir(exist_ok=True)
    with folder_of(path.parent.parent / f"{path.stem}.run", ("aten::mm", 1, 1)) as trace:
        pack_trace(trace, path, run={"exit_code": 0})
    return path


def crated(audit, place, *options):
    """Write a crate through the command; gives the exit code."""
    return run(["report", str(audit), "--format", "ro-crate", "-o", str(place), *options])


def described(data):
    """The description in an archive, by the ids of its entities."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {one["@id"]: one for one in json.loads(archive.read(metadata.NAME))["@graph"]}


def files_of(entities):
    """Path to digest and size, as the description has them."""
    return {
        unquote(name): (one["sha256"], int(one["contentSize"]))
        for name, one in entities.items()
        if one["@type"] == "File"
    }


def test_every_file_stands_in_the_description_with_digest_and_size(tmp_path):
    """The archive and the folder hold the same; the description names all of it, and nothing else."""
    audit = audited(tmp_path / "mine")
    assert 0 == crated(audit, tmp_path / "c.zip", "--citation")
    assert 0 == crated(audit, tmp_path / "c", "--citation")
    with zipfile.ZipFile(tmp_path / "c.zip") as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    entities = described((tmp_path / "c.zip").read_bytes())

    assert files_of(entities) == {
        name: (hashlib.sha256(data).hexdigest(), len(data)) for name, data in held.items() if name != metadata.NAME
    }
    assert {f"audit/{path.relative_to(audit)}" for path in audit.rglob("*") if path.is_file()} - {
        "audit/.gitignore"
    } == set(held) - {metadata.NAME, "CITATION.cff"}
    assert held == {
        str(path.relative_to(tmp_path / "c")): path.read_bytes()
        for path in (tmp_path / "c").rglob("*")
        if path.is_file() and path.name != ".gitattributes"
    }
    assert {one["@id"] for one in entities["./"]["hasPart"]} == {metadata.quote(name) for name in files_of(entities)}


def test_the_audit_in_a_crate_verifies_as_before(tmp_path, capsys):
    """With all its files, by the command that the description gives."""
    crated(audited(tmp_path / "mine"), tmp_path / "c.zip")
    key = tmp_path / "mine" / "signer.pub"
    with zipfile.ZipFile(tmp_path / "c.zip") as archive:
        archive.extractall(tmp_path / "out")
    capsys.readouterr()

    assert 0 == run(["verify", str(tmp_path / "out" / "audit"), "--key", str(key)])
    assert "match the signed list" in capsys.readouterr().out
    assert "auditor verify audit --key" in described((tmp_path / "c.zip").read_bytes())["./"]["description"]


@pytest.mark.parametrize("change", ["report.md", "more.txt", "manifest.dsse.json"])
def test_what_does_not_verify_is_refused(tmp_path, capsys, change):
    """A changed file, an added one, a changed envelope: nothing is written."""
    audit = audited(tmp_path / "mine")
    path = audit / change
    text = path.read_bytes() if path.exists() else b""
    path.write_bytes(text.replace(b'"payload":"', b'"payload":"QUJD', 1) if change.startswith("man") else text + b"x")

    assert 4 == crated(audit, tmp_path / "c.zip")
    assert 4 == crated(audit, tmp_path / "c")
    assert ["mine"] == sorted(one.name for one in tmp_path.iterdir() if one.name != "config")
    assert "verif" in capsys.readouterr().err or change != "manifest.dsse.json"


def test_an_envelope_alone_and_an_unsigned_folder_make_crates_too(tmp_path):
    """The former with the bytes of the file; the latter says that nobody vouches."""
    audit = audited(tmp_path / "mine")
    crated(audit / "manifest.dsse.json", tmp_path / "alone.zip")
    crated(audited(tmp_path / "bare", None), tmp_path / "bare.zip")
    alone, bare = (described((tmp_path / f"{name}.zip").read_bytes()) for name in ("alone", "bare"))
    digest = hashlib.sha256((audit / "manifest.dsse.json").read_bytes()).hexdigest()

    assert digest == alone["audit/manifest.dsse.json"]["sha256"]
    assert "UNSIGNED" not in alone["./"]["description"]
    assert "UNSIGNED" in bare["./"]["description"]
    assert "audit/manifest.dsse.json" not in bare


def test_traces_are_packed_if_they_are_those_that_the_manifest_names(tmp_path):
    """Another file in their folder is not taken, and what is missing is said."""
    traces = [traced(tmp_path / "mine.traces" / f"run-{number}.trace") for number in (1, 2)]
    audit = audited(tmp_path / "mine", traces=traces)
    crated(audit, tmp_path / "whole.zip")
    traces[1].write_bytes(traces[1].read_bytes() + b"x")
    (tmp_path / "mine.traces" / "notes.txt").write_text("mine")
    crated(audit, tmp_path / "part.zip")
    whole, part = (described((tmp_path / f"{name}.zip").read_bytes()) for name in ("whole", "part"))

    assert {"audit.traces/run-1.trace", "audit.traces/run-2.trace"} == {one for one in whole if ".traces/" in one}
    assert {"audit.traces/run-1.trace"} == {one for one in part if ".traces/" in one}
    assert "Not in this crate" not in whole["./"]["description"]
    assert "Not in this crate: 1 traces that the manifest names." in part["./"]["description"]


def test_the_action_names_program_times_and_results_and_an_author_only_if_told(tmp_path):
    """An agent is a person whom an option names; nobody is guessed."""
    audit = audited(tmp_path / "mine")
    crated(audit, tmp_path / "a.zip", "--author", "Lovelace, Ada", "--license", "CC-BY-4.0")
    crated(audit, tmp_path / "b.zip")
    named, plain = (described((tmp_path / f"{name}.zip").read_bytes()) for name in "ab")

    assert "2026-11-29T00:00:00+00:00" == named["#audit"]["startTime"]
    assert samples.manifest().predicate.auditor.version == named[named["#audit"]["instrument"]["@id"]]["version"]
    assert {"@id": "audit/manifest.dsse.json"} in named["#audit"]["result"]
    assert {"@id": "#author-1"} == named["#audit"]["agent"] == named["./"]["author"]
    assert ("Person", "Lovelace, Ada") == (named["#author-1"]["@type"], named["#author-1"]["name"])
    assert {"@id": "https://spdx.org/licenses/CC-BY-4.0"} == named["./"]["license"]
    assert "agent" not in plain["#audit"]
    assert metadata.UNSTATED == plain["./"]["license"]


def test_each_claim_is_an_entity_with_its_verdict(tmp_path):
    """One that the runs confirm and one that they do not; a crate without claims mentions the audit alone."""
    near = [0.49 + 0.001 * number for number in range(20)]
    claims = [claim(near), claim([one + 0.2 for one in near])]
    crated(audited(tmp_path / "mine", claims=claims), tmp_path / "a.zip")
    crated(audited(tmp_path / "other"), tmp_path / "b.zip")
    entities, none = (described((tmp_path / f"{name}.zip").read_bytes()) for name in "ab")

    assert "auditor claim" == entities["#audit"]["name"]
    assert [{"@id": "#audit"}, {"@id": "#claim-1"}, {"@id": "#claim-2"}] == entities["./"]["mentions"]
    assert entities["#claim-1"]["name"].startswith("0.500 ± 0.010")
    assert entities["#claim-1"]["description"].startswith("CONFIRMED: ")
    assert entities["#claim-2"]["description"].startswith("NOT CONFIRMED: ")
    assert {"@id": "#audit"} == none["./"]["mentions"]


def test_an_anonymous_audit_has_neither_agent_nor_traces(tmp_path, capsys):
    """Its author cannot be named by an option, and the folder's name is not in the crate."""
    traces = [traced(tmp_path / "alice.traces" / "run-1.trace")]
    audit = audited(tmp_path / "alice", traces=traces, privacy="anonymous")

    assert 0 == crated(audit, tmp_path / "c.zip", "--anonymous", "--citation")
    assert 2 == crated(audit, tmp_path / "d.zip", "--author", "Lovelace, Ada")
    assert "was made anonymous" in capsys.readouterr().err
    entities = described((tmp_path / "c.zip").read_bytes())
    assert "agent" not in entities["#audit"]
    assert [] == [name for name in entities if ".traces/" in name]
    assert b"alice" not in (tmp_path / "c.zip").read_bytes()
    assert not (tmp_path / "d.zip").exists()


@pytest.mark.parametrize(
    ("licence", "given"),
    [
        ("CC-BY-4.0", {"license": "CC-BY-4.0"}),
        ("https://example.org/l?x=1", {"license-url": "https://example.org/l?x=1"}),
    ],
)
def test_the_citation_is_yaml_that_holds_what_was_stated(tmp_path, licence, given):
    """Names with every mark that YAML knows are only text; without an author it names nobody."""
    audit = audited(tmp_path / "mine")
    crated(audit, tmp_path / "c", "--citation", "--author", HOSTILE_NAME, "--author", "Team", "--license", licence)
    crated(audit, tmp_path / "d", "--citation")
    told = yaml.safe_load((tmp_path / "c" / "CITATION.cff").read_text("utf-8"))
    nobody = yaml.safe_load((tmp_path / "d" / "CITATION.cff").read_text("utf-8"))
    family, _, rest = HOSTILE_NAME.partition(",")

    assert [{"family-names": family, "given-names": rest.strip()}, {"name": "Team"}] == told["authors"]
    assert given.items() <= told.items()
    assert "1.2.0" == told["cff-version"]
    assert [{"name": "Anonymous"}] == nobody["authors"]
    assert not {"license", "license-url"} & nobody.keys()


@pytest.mark.parametrize(
    "options",
    [("--license", "all mine"), ("--license", "javascript:alert(1)"), ("--author", " "), ("--author", "A\nB")],
)
def test_what_no_author_can_state_is_refused(tmp_path, options):
    """Nothing is written."""
    audit = audited(tmp_path / "mine")

    assert 2 == crated(audit, tmp_path / "c.zip", *options)
    assert not (tmp_path / "c.zip").exists()


def test_options_of_a_crate_belong_to_no_other_format(tmp_path):
    """They would have no effect."""
    audit = audited(tmp_path / "mine")

    assert 2 == run(["report", str(audit), "--format", "cite", "--citation"])
    assert 0 == run(["report", str(audit), "--format", "cite"])


def test_nothing_is_half_written(tmp_path, monkeypatch):
    """A folder that is not empty is refused; a file that changes meanwhile leaves neither archive nor folder."""
    audit = audited(tmp_path / "mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    assert 2 == crated(audit, tmp_path / "full")
    before = sorted(one.name for one in tmp_path.iterdir())
    monkeypatch.setattr(parts.Part, "_read", lambda _part: iter([b"other"]))

    assert 5 == crated(audit, tmp_path / "c.zip")
    assert 5 == crated(audit, tmp_path / "c")
    assert before == sorted(one.name for one in tmp_path.iterdir())


def test_a_part_that_is_not_what_was_described_is_told():
    """At the end of its bytes."""
    part = parts.Part("a", 1, "00" * 32, b"x", "")

    with pytest.raises(OutputError, match="changed while it was packed"):
        list(part.chunks())


@given(examples.hostile_reports())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_hostile_manifests_make_plain_crates(reported):
    """Whatever stands in one: the same files, no path out of the crate, and no text that an editor acts on."""
    entities = described(pack.render(examples.timed(reported), Stated(citation=True)))

    assert {"audit/manifest.json", "CITATION.cff"} == {*files_of(entities)}
    assert (reported.sha256, len(reported.payload)) == files_of(entities)["audit/manifest.json"]
    texts = [value for one in entities.values() for value in one.values() if isinstance(value, str)]
    assert all(text.isprintable() for text in texts)


def checked(crate, folder="-"):
    """What the validator and the reader say of a crate."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    script = str(Path(__file__).with_name("crate_validator.py"))
    done = subprocess.run(
        [VALIDATOR, script, str(crate), str(folder)], capture_output=True, text=True, check=False, env=environment
    )
    assert 0 == done.returncode, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@needs_validator
@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "kind", ["signed", "unsigned", "envelope", "anonymous", "replay", "claim", "stated", "specimen"]
)
def test_crates_are_valid_under_an_independent_validator(tmp_path, kind):
    """As folder and as archive; the library `rocrate` reads the same files, digests and sizes."""
    traces = [traced(tmp_path / "mine.traces" / "run-1.trace")] if kind == "replay" else []
    signer = None if kind == "unsigned" else SIGNER
    privacy = "anonymous" if kind == "anonymous" else "tokenised"
    claims = [claim([0.49, 0.5, 0.51])] * 2 if kind == "claim" else []
    audit = audited(tmp_path / "mine", signer, traces, privacy, claims=claims)
    source = {"envelope": audit / "manifest.dsse.json", "specimen": SPECIMEN}.get(kind, audit)
    options = ["--author", HOSTILE_NAME, "--author", "Team", "--license", "MIT"] if kind == "stated" else []
    crated(source, tmp_path / "c", "--citation", *options)
    crated(source, tmp_path / "c.zip", "--citation", *options)
    found = checked(tmp_path / "c", tmp_path / "c")

    assert [] == found["required"]
    assert [] == checked(tmp_path / "c.zip")["required"]
    assert files_of(described((tmp_path / "c.zip").read_bytes())) == {
        unquote(name): (digest, int(size)) for name, (digest, size) in found["read"]["files"].items()
    }


BREAKS = {
    "license": lambda entities: entities["./"].pop("license"),
    "instrument": lambda entities: entities["#audit"].pop("instrument"),
    "profile": lambda entities: entities["./"].pop("conformsTo"),
    "date": lambda entities: entities["./"].update(datePublished="some day"),
}


@needs_validator
@pytest.mark.exhaustive
@pytest.mark.parametrize("name", [*BREAKS, "file"])
def test_a_broken_crate_does_not_validate(tmp_path, name):
    """Without a licence, an instrument, the profile or a date, or with a file that is not there."""
    crated(audited(tmp_path / "mine"), tmp_path / "c")
    place = tmp_path / "c" / metadata.NAME
    document = json.loads(place.read_text("utf-8"))
    if name == "file":
        (tmp_path / "c" / "audit" / "report.md").unlink()
    else:
        BREAKS[name]({one["@id"]: one for one in document["@graph"]})
    place.write_text(json.dumps(document), encoding="utf-8")

    assert [] != checked(tmp_path / "c")["required"]
