"""SARIF, JUnit, GitHub and the statement: valid under their schemas for every text that a manifest may hold."""

import json
import re
from pathlib import Path

import jsonschema
import junitparser
import pytest
import xmlschema
from gating import NOW, failing, made, passing, reached, replayed
from hypothesis import example, given
from hypothesis import strategies as st

from auditor.gate.formats import github, json_object, junit, sarif, statement, text
from auditor.gate.policy import read
from auditor.gate.policy.source import Source
from auditor.gate.rules.evidence import Checkout
from auditor.gate.verdict import Input, judge
from auditor.manifest.models import SEVERITIES
from auditor.manifest.strict_json import canonical, parse
from auditor.signing import envelope

SCHEMAS = Path(__file__).with_name("schemas")
SARIF = jsonschema.Draft4Validator(json.loads((SCHEMAS / "sarif-schema-2.1.0.json").read_text()))
JUNIT = xmlschema.XMLSchema(str(SCHEMAS / "junit-10.xsd"))
HOSTILE = (
    "a\n::error::injected",
    "a\r\n::set-output name=x::y",
    "%0A::error::x",
    "]]>",
    "</testcase><evil/>",
    "\x00\x1b[31m\uffff",
    "| a | `b` <script>x</script> [x](http://example.org) @someone",
    "\u202e\u2028::error::x",
    "&#0; &amp;",
)
TEXTS = st.text(max_size=40) | st.sampled_from(HOSTILE)


def verdict(*findings, policy="", folder=Path("/nowhere"), baseline=None, fail_new=False, **changes):
    """The verdict on a manifest with these findings, and the policy's source."""
    table = read.policy(read.table_of(policy.encode(), "auditor.toml"), "auditor.toml")
    about = Input(name="audit", sha256="0" * 64, told="signed by a trusted key")
    before = (baseline, Input(name="base", sha256="1" * 64)) if baseline else None
    source = Source(table, folder, "auditor.toml")
    manifest = made(*findings, **changes)
    return judge(source, (manifest, [about]), before, checkout=Checkout(), now=NOW, fail_new=fail_new), source


def results(told):
    """The results of the one run of a valid SARIF file."""
    document = json.loads(sarif.render(*told))
    SARIF.validate(document)
    return document["runs"][0]["results"]


ACCEPTED = """
[[accepted]]
check = "python-hash-seed"
versions = "python>=3.11"
reason = "sorted"
owner = "me"
expires = "2999-01-31"
"""

# -------------------------------------------------------------------------------------------------------------- SARIF


def test_sarif_has_what_counts_with_a_level():
    """Errors, warnings and notes; passes are no results."""
    told = verdict(*[failing(f"a-{each}", severity=each) for each in SEVERITIES], passing(), policy="fail = 'info'")
    found = {one["ruleId"]: one["level"] for one in results(told)}
    assert {"a-critical": "error", "a-high": "error", "a-medium": "warning", "a-low": "note", "a-info": "note"} == {
        name: level for name, level in found.items() if name.startswith("a-")
    }
    assert "torch-same-seed" not in found


def test_sarif_says_where_the_program_reaches_a_defect(tmp_path):
    """The user's line, as a path from the top of the checkout."""
    (tmp_path / "train.py").write_text("a\nb\nc\n")
    (told,) = results(verdict(reached(), folder=tmp_path))
    place = told["locations"][0]["physicalLocation"]
    assert ("train.py", 3) == (place["artifactLocation"]["uri"], place["region"]["startLine"])


def test_sarif_says_where_a_replay_diverges(tmp_path):
    """The line of the divergence."""
    (tmp_path / "train.py").write_text("a\nb\nc\n")
    told = verdict(passing(), replays=[replayed("diverged")], folder=tmp_path)
    assert [2] == [one["locations"][0]["physicalLocation"]["region"]["startLine"] for one in results(told)]


def test_sarif_says_where_a_package_stands(tmp_path):
    """In the lock, else in pyproject.toml, else the policy's first line."""
    (tmp_path / "auditor.toml").write_text("x")
    told = verdict(policy="versions = ['torch>=9']", folder=tmp_path)

    def place():
        found = results(told)[0]["locations"][0]["physicalLocation"]
        return found["artifactLocation"]["uri"], found["region"]["startLine"]

    assert place() == ("auditor.toml", 1)
    (tmp_path / "pyproject.toml").write_text('dependencies = [\n "pytorch-lightning",\n "torch>=2",\n]')
    assert place() == ("pyproject.toml", 3)
    (tmp_path / "uv.lock").write_text('\n\n[[package]]\nname = "torch"\n')
    assert place() == ("uv.lock", 4)


def test_sarif_never_names_a_file_outside_of_the_checkout(tmp_path):
    """A manifest may name any path; only a file of the checkout is clicked."""
    (tmp_path / "auditor.toml").write_text("x")
    for file in ("/etc/passwd", "../../etc/passwd", "absent.py", "a\x00b", "x" * 5000):
        reach = reached().reach.model_copy(update={"file": file})
        (told,) = results(verdict(reached().model_copy(update={"reach": reach}), folder=tmp_path))
        assert told["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "auditor.toml"


def test_sarif_marks_what_is_accepted_and_keeps_it():
    """A suppression, and the same fingerprint as before, so that an alert is not reopened."""
    (before,), (after,) = results(verdict(failing())), results(verdict(failing(), policy=ACCEPTED))
    assert not before["suppressions"]
    assert after["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "sorted (me, until 2999-01-31)"}
    ]
    assert before["partialFingerprints"] == after["partialFingerprints"]


def test_sarif_says_what_is_new_against_the_baseline():
    """new, unchanged, updated."""
    base = made(failing(severity="high"), failing("a-same"), passing("a-new"))
    told = verdict(
        failing(severity="critical"),
        failing("a-same"),
        failing("a-new"),
        policy="baseline = {manifest = 'x'}",
        baseline=base,
        fail_new=True,
    )
    states = {one["ruleId"]: (one["baselineState"], len(one["suppressions"])) for one in results(told)}
    assert {"python-hash-seed": ("updated", 0), "a-same": ("unchanged", 1), "a-new": ("new", 0)} == states


# ---------------------------------------------------------------------------------------------------------- injection


@given(TEXTS, TEXTS, st.lists(TEXTS, max_size=3))
@example(HOSTILE[0], HOSTILE[3], [HOSTILE[6]])
@example(HOSTILE[5], HOSTILE[5], [HOSTILE[5]])
@example(HOSTILE[7], HOSTILE[4], [HOSTILE[8]])
def test_every_text_is_inert_in_every_format(message, remedy, names):
    """Valid SARIF and JUnit; one line per annotation; JSON; no control character anywhere."""
    finding = failing(message=message, remedy=remedy, evidence={"differing": dict.fromkeys(names, 2)})
    fact = reached().model_copy(update={"check": message, "title": remedy})
    told, source = verdict(finding, fact)
    SARIF.validate(json.loads(sarif.render(told, source)))
    xml = junit.render(told)
    JUNIT.validate(xml)
    suite = next(iter(junitparser.JUnitXml.fromstring(xml.encode())))
    assert (suite.tests, suite.failures) == (len(told.results), 2)
    commands = github.commands(told, source)
    assert len(commands.splitlines()) == 2
    assert all(re.match(r"::(error|warning|notice) file=", line) for line in commands.splitlines())
    assert "::" not in re.sub(r"(?m)^::\w+ [^:\n]*::", "", commands).split("\n")[-1]
    for rendered in (text.render(told), github.summary(told, source), commands, xml):
        assert all(character == "\n" or character.isprintable() for character in rendered)
    json.loads(json_object.render(told))


def test_an_annotation_cannot_begin_a_command_of_its_own():
    """A message with line breaks, a title with separators."""
    told, source = verdict(failing("a,b:c", message="x\n::error::y\r::warning::z", framework="python"))
    (line,) = github.commands(told, source).splitlines()
    assert line.startswith("::error file=auditor.toml,line=1,title=auditor%3A a%2Cb%3Ac::")
    assert "\r" not in line


def test_the_summary_shows_no_markup_of_a_manifest():
    """HTML, links and mentions are text."""
    found = github.summary(*verdict(failing(message=HOSTILE[6])))
    assert "<script>" not in found
    assert "[x](" not in found
    assert "\\@someone" in found
    assert "\\| a \\|" in found


# -------------------------------------------------------------------------------------------------------- GitHub, JUnit


def test_at_most_ten_annotations_of_each_type_the_worst_first():
    """Thirty failures of three severities."""
    found = [failing(f"a-{each}-{n:02}", severity=each) for each in ("low", "high", "critical") for n in range(15)]
    told, source = verdict(*found, policy="fail = 'low'")
    lines = github.commands(told, source).splitlines()
    assert sum(line.startswith("::error ") for line in lines) == 10
    assert sum(line.startswith("::notice ") for line in lines) == 10
    assert "a-critical-00" in lines[0]


def test_the_summary_stays_below_the_limit():
    """It is cut at a line, and says so."""
    found = [failing(f"a-{n}", message="x" * 500) for n in range(5000)]
    told, source = verdict(*found)
    summary = github.summary(told, source)
    assert 900_000 < len(summary.encode()) < github.SUMMARY_BYTES
    assert "cut here" in summary[-200:]


def test_junit_tells_failures_errors_and_skips_apart():
    """What could not be measured is an error; what is accepted or does not count is skipped with the reason."""
    told, _ = verdict(
        failing(),
        failing("a-bad"),
        failing("a-low", severity="low"),
        passing(),
        policy="checks.require = ['torch-resume']\n" + ACCEPTED,
    )
    (suite,) = junitparser.JUnitXml.fromstring(junit.render(told).encode())
    cases = {case.name: case.result for case in suite}
    assert isinstance(cases["a-bad"][0], junitparser.Failure)
    assert isinstance(cases["torch-resume"][0], junitparser.Error)
    assert isinstance(cases["python-hash-seed"][0], junitparser.Skipped)
    assert "accepted: sorted" in cases["python-hash-seed"][0].message
    assert isinstance(cases["a-low"][0], junitparser.Skipped)
    assert cases["torch-same-seed"] == []
    assert (suite.failures, suite.errors, suite.skipped) == (1, 1, 2)


# ---------------------------------------------------------------------------------------------------------- statement


@pytest.mark.parametrize(("finding", "result"), [(passing(), "PASSED"), (failing(), "FAILED")])
def test_the_statement_names_manifest_policy_and_baseline(finding, result):
    """An in-toto test result over the manifest's digest."""
    told, _ = verdict(finding, policy="baseline = {manifest = 'x'}", baseline=made(passing(finding.check)))
    document = parse(statement.payload(told), "the statement")
    assert document["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    assert document["subject"][0] == {"name": "manifest", "digest": {"sha256": "0" * 64}}
    assert {one["name"]: one["digest"]["sha256"] for one in document["predicate"]["configuration"]} == {
        "policy": told.policy.sha256,
        "baseline": "1" * 64,
    }
    assert result == document["predicate"]["result"]
    assert canonical(document) == statement.payload(told)


def test_what_could_not_be_measured_is_no_passed_statement():
    """FAILED."""
    told, _ = verdict(policy="checks.require = ['torch-resume']")
    assert parse(statement.payload(told), "the statement")["predicate"]["result"] == "FAILED"


def test_the_statement_is_signed(project):
    """By the key of --sign-with, in an envelope that verifies with it; without a key it is refused."""
    project.policy("")
    folder = project.signed(made())

    assert project.run(folder, "--statement", "gate.dsse.json")[0] == 2
    assert project.run(folder, "--statement", "gate.dsse.json", "--sign-with", "ci.pem")[0] == 0

    data = (project.folder / "gate.dsse.json").read_bytes()
    verified = envelope.verify(data, [project.signer.verifier()])
    assert parse(verified.payload, "x")["predicate"]["result"] == "PASSED"


def test_the_job_summary_is_appended(project, monkeypatch):
    """To $GITHUB_STEP_SUMMARY where no -o names a file; annotations go to standard output."""
    project.policy("")
    named = project.folder / "summary.md"
    named.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(named))

    code, out, _ = project.run(project.signed(made(failing())), "--format", "github")

    assert code == 1
    assert out.startswith("::error ")
    assert named.read_text().startswith("before\n## auditor gate: failed")
