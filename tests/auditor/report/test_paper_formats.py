"""The formats for papers: what the example looks like in each, and hostile manifests in all of them."""

import os
from pathlib import Path
from xml.etree import ElementTree as ET

import audit_example
import claim_examples
import examples
import pytest
from hypothesis import HealthCheck, given, settings

from auditor.report import formats
from auditor.report.checklists import lists
from auditor.report.checklists.topics import ABSENT, TOPICS
from auditor.report.paper import known, latex

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "report"
SUFFIXES = {
    "latex": "tex",
    "cite": "txt",
    "cite-markdown": "md",
    "cite-latex": "tex",
    "line": "txt",
    "badge": "svg",
    "checklist": "md",
}
MADE = {
    "audit": examples.reported,
    "replay": lambda: examples.reported(examples.manifest(examples.IDENTICAL, findings=[])),
    "claim": lambda: examples.reported(
        claim_examples.manifest(claim_examples.CONFIRMED, claim_examples.SHIFTED, claim_examples.TOO_FEW, findings=[])
    ),
}


def _replayed(**changed):
    """One replay that came out otherwise."""
    return examples.manifest(examples.IDENTICAL.model_copy(update=changed), findings=[])


SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", [*SUFFIXES])
@pytest.mark.parametrize("kind", [*MADE])
def test_the_example_is_written_as_the_golden_file_says(name, kind):
    """A change of wording is seen in review. AUDITOR_REGENERATE=1 writes the files again."""
    found = formats.render(name, MADE[kind]()).decode()
    path = GOLDEN / f"{kind}-{name}.{SUFFIXES[name]}"
    if os.environ.get("AUDITOR_REGENERATE"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(found, encoding="utf-8")

    assert path.read_text(encoding="utf-8") == found


@given(examples.hostile_reports())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_hostile_manifests_are_rendered_by_all_of_them(reported):
    """No exception, no character that a terminal or an editor acts on; the badge stays one image without a link."""
    texts = {name: formats.render(name, reported).decode() for name in (*SUFFIXES, "markdown")}

    assert all(line.isprintable() for text in texts.values() for line in text.split("\n"))
    assert texts["latex"].isascii()
    assert texts["cite-latex"].isascii()
    assert 1 == texts["line"].count("\n")
    assert {"svg", "title", "rect", "g", "text"} == {
        one.tag.removeprefix(SVG) for one in ET.fromstring(texts["badge"]).iter()
    }


def test_the_badge_states_date_tier_and_outcome_and_has_a_title():
    """The digest is in the title, where a reader can take it from."""
    reported = examples.reported()
    root = ET.fromstring(formats.render("badge", reported))
    words = [one.text for one in root.iter(f"{SVG}text")]

    assert ["reproducibility audit", "2 checks held, 3 failed, 2 not measured, quick, 2026-11-22"] == words
    assert reported.sha256 in root.find(f"{SVG}title").text
    assert "img" == root.get("role")


@pytest.mark.parametrize(
    ("made", "words", "colour"),
    [
        (lambda: examples.manifest(examples.IDENTICAL, findings=[]), "replay identical", "#1a7f37"),
        (lambda: examples.manifest(examples.DIVERGED, findings=[]), "replay diverged", "#b42318"),
        (lambda: audit_example.manifest(findings=[]), "nothing was measured", "#6b4e00"),
        (lambda: _replayed(verdict="inconclusive"), "replay inconclusive", "#6b4e00"),
        (lambda: _replayed(partial="interrupted"), "replay identical; replay incomplete", "#6b4e00"),
        (lambda: audit_example.manifest(findings=audit_example.FINDINGS[3:5]), "2 checks held, 0 failed", "#1a7f37"),
        (lambda: audit_example.manifest(findings=audit_example.FINDINGS[3:]), "2 not measured", "#6b4e00"),
    ],
)
def test_the_colour_of_the_badge_follows_the_worst(made, words, colour):
    """What could not be measured never looks like what held."""
    text = formats.render("badge", examples.reported(made())).decode()

    assert words in text
    assert colour in text


def test_macros_hold_facts_and_never_invent_one():
    """A fact that is missing reads n/a, and a comment says why."""
    text = formats.render("latex", examples.reported()).decode()

    assert r"\renewcommand{\auditTorchVersion}{2.13.0+cpu}" in text
    assert r"\renewcommand{\auditCpu}{Example CPU \textbar{} 2.00GHz}" in text
    assert "% not-applicable: jax is not installed\n\\providecommand{\\auditJaxVersion}{}" in text
    assert r"\renewcommand{\auditJaxVersion}{n/a}" in text
    assert r"\renewcommand{\auditRuns}{n/a}" in text
    assert r"\renewcommand{\auditTpu}{n/a}" in text


def test_the_appendix_tells_a_replay_by_its_factors():
    """One row for each, in the words of its verdict."""
    text = formats.render("latex", MADE["replay"]()).decode()

    assert r"\renewcommand{\auditRuns}{3}" in text
    assert r"\renewcommand{\auditBound}{78 \%}" in text
    assert "differs from the runs without it; first: aten::addmm at train.py:12" in text
    assert "the manifest holds no replay" not in text


def test_a_defect_of_unknown_reach_is_not_among_the_findings_that_count():
    """It is named below them."""
    text = formats.render("latex", examples.reported()).decode().replace(r"\allowbreak{}", "")
    counting, _, rest = text.partition("Besides, two defects")

    assert "python-hash-seed (medium)" in counting
    assert "torch-index-put-race (high)" not in text
    assert rest.partition(".")[0].endswith("reaches them: torch-index-put-race, torch-scatter")


def test_devices_are_counted_and_bytes_are_gib():
    """As a paper writes them."""
    facts = {
        "accelerators.nvidia.name": audit_example.value({"0": "H200", "1": "H200"}, "machine"),
        "accelerators.nvidia.memory": audit_example.value({"0": 2**37, "1": 2**37}, "machine"),
        "host.memory.total": audit_example.value(25276510208, "machine"),
    }
    told = {one.macro: one.words for one in known.hardware(facts)}

    assert ("2 × H200", "2 × 128.0 GiB", "23.5 GiB") == (told["Gpu"], told["GpuMemory"], told["Memory"])
    assert "" == told["Cpu"]


def test_every_list_has_year_source_and_known_topics():
    """A topic that nobody answers would be an error in a report."""
    made = [*lists.all_of()]

    assert 5 == len(made)
    assert all(one.year >= 2020 and one.source and one.item for one in made)
    assert {topic for one in made for item in one.item for topic in item.sources} == set(TOPICS)
    assert set(TOPICS) == set(ABSENT)


def test_a_draft_cites_the_fields_and_leaves_the_rest_to_the_author():
    """Each item has a question; a topic without a fact becomes one."""
    empty = formats.render("checklist", examples.reported(audit_example.manifest(facts={}, findings=[]))).decode()
    text = formats.render("checklist", MADE["replay"]()).decode()

    assert "CPU Example CPU &#124; 2.00GHz" in text
    assert "`host.cpu.model`" in text
    assert "`replays.0.sensitivity`" in text
    assert "the manifest does not hold the machine" in empty
    assert "Draft: CPU" not in empty
    assert sum(len(one.item) for one in lists.all_of()) == empty.count("- **AUTHOR**: ") - empty.count(
        "- **AUTHOR**: the manifest does not hold"
    )


def test_the_line_ends_with_the_command():
    """So that it can be copied."""
    line = formats.render("line", examples.reported(MADE["replay"]().manifest)).decode()

    assert line.startswith("replay identical; tier quick; 2026-11-22; manifest sha256:")
    assert line.endswith("verify it with: auditor verify manifest.dsse.json --key signer.pub\n")


def test_long_tables_are_parted_and_lose_no_row():
    """A table in a column does not break; a single row that is longer than a table still has one."""
    rows = [(f"name {number}", "x" * 300) for number in range(9)] + [("long", "y" * 5000), ("short", "z")]
    parts = latex._parts(rows)

    assert rows == [row for part in parts for row in part]
    assert [2, 2, 2, 2, 1, 1, 1] == [len(part) for part in parts]
    assert [] == latex._parts([])
