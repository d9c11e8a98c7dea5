"""The HTML page: what it says, that its links lead somewhere, and that no value of a manifest is markup in it."""

import base64
import hashlib
import os
import re

import audit_example
import hostile
import html_pages
import pytest
from html_reader import Reader
from hypothesis import HealthCheck, given, settings
from support import ROOT

from auditor.manifest.models import Reach, Replay
from auditor.render import attached, markdown, rebuild, summary
from auditor.report.html import replays

GOLDEN = ROOT / "tests" / "golden" / "report" / "page.html"
OWN = ROOT / "reports" / "templates" / "html"
EVIL = (
    '"><script>alert(1)</script>',
    "javascript:alert(1)",
    "' onload=alert(1) x='",
    "</style><style>*{display:none}",
    "</script><script>alert(2)</script>",
    "]]><svg onload=alert(3)>",
    "<!-- ",
    "\u202eevil\u2066",
    "`<img src=x onerror=alert(4)>`",
    "A" * 1_000_000,
)


def read(manifest=None, **options):
    """The page, read; every link leads to an element, and each element's name is unique."""
    page = Reader(html_pages.rendered(manifest or html_pages.whole(), **options))
    assert len(page.ids) == len({*page.ids}), sorted(one for one in page.ids if page.ids.count(one) > 1)
    assert all(link.startswith("#") for link in page.links)
    assert {link[1:] for link in page.links} | {*page.named} <= {*page.ids}
    assert [page.scripts, page.styles] == [[(OWN / name).read_text()] for name in ("search.js", "style.css")]
    return page


def test_the_example_is_written_as_the_golden_file_says():
    """A change of wording is seen in review. AUDITOR_REGENERATE=1 writes the file again."""
    found = html_pages.rendered(audit_example.manifest())
    if os.environ.get("AUDITOR_REGENERATE"):
        GOLDEN.parent.mkdir(parents=True, exist_ok=True)
        GOLDEN.write_text(found, encoding="utf-8")

    assert GOLDEN.read_text(encoding="utf-8") == found


def test_its_policy_names_its_only_style_and_script_by_digest():
    """Anything else that a browser would load or run is refused."""
    page = read()
    digests = [
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for text in (*page.styles, *page.scripts)
    ]

    assert [
        f"default-src 'none'; style-src {digests[0]}; script-src {digests[1]}; base-uri 'none'; form-action 'none'"
    ] == page.policies


def test_it_says_the_sentences_of_the_markdown_report():
    """One source of words: the verdict, the counts, the replay's and the image's verdict."""
    manifest = html_pages.whole()
    text = markdown.render(manifest, "0" * 64)
    shown = read(manifest).shown.replace("\n", " ")
    found = manifest.predicate

    for said in (summary.verdict(found.findings), f"{summary.counts(found.findings)}."):
        assert said.replace("`", "") in shown
        assert said in text.replace("\\", "")
    assert attached.verdict(found.replays[0]) in shown
    assert rebuild.WORDS["not-rebuilt"] in shown


def test_the_verdict_stands_first_and_what_to_do_next_after_it():
    """Then evidence, then the environment, and the signature at the end."""
    page = read()
    order = ["verdict", "to-do", "replay-1", "rebuilds", "findings", "depends", "compiled", "operators", "environment"]

    assert [*order, "readings", "signature"] == [one for one in page.ids if one in {*order, "readings", "signature"}]


def test_sections_without_content_are_left_out():
    """The example has no replay, no image, no tensors and no operators."""
    page = read(audit_example.manifest())

    assert not {"replay-1", "rebuilds", "depends", "compiled", "operators"} & {*page.ids}
    assert {"verdict", "to-do", "findings", "environment", "readings", "signature"} <= {*page.ids}


def test_a_finding_leads_to_its_readings_and_names_the_users_line():
    """A claim that nobody can trace convinces nobody."""
    race = audit_example.FINDINGS[1].model_copy(
        update={"check": "torch-same-seed", "reach": Reach(state="reached", file="train.py", line=41, operator="a::b")}
    )
    page = read(audit_example.manifest(findings=[race]))

    assert "#readings-torch-same-seed" in page.links
    assert "train.py:41" in page.shown
    assert "readings-torch-same-seed" in page.ids


def test_low_findings_and_open_defects_are_steps_where_nothing_else_is():
    """A reader is never left without what to do; a manifest without failures has nothing to do."""
    low = audit_example.FINDINGS[0].model_copy(update={"severity": "low"})
    shown = read(audit_example.manifest(findings=[low, audit_example.FINDINGS[1]])).shown
    steps = shown.split("What to do next")[2].partition("Your set-up")[0]  # once in the contents
    clean = read(audit_example.manifest(findings=[audit_example.FINDINGS[3]]))

    assert "auditor audit -- COMMAND" in steps
    assert "python-hash-seed" in steps
    assert "to-do" not in clean.ids


def test_a_replay_tells_where_it_began_what_it_reached_and_what_each_factor_moves():
    """With the line of code, and the two texts."""
    shown = read().shown

    for told in (
        "Equal: 412 recorded steps of its stream before it.",
        "Begins: aten::index_put_, with equal inputs.",
        "Becomes visible at: print at train.py:60.",
        "hist.index_put_((rows,), ones, accumulate=True)",
        "loss 0.6931",
        "loss 0.6930",
        "threads=1",
        "runs agree with each other; 2 runs",
        "runs still differ; 2 runs",
    ):
        assert told in shown


def test_identical_runs_that_move_under_an_innocent_factor_are_a_fault():
    """And one that may move is none."""
    moved = html_pages.replay().sensitivity[1]
    one = html_pages.replay(verdict="identical", divergence={}, differences=[], sensitivity=[moved])
    other = one.model_copy(update={"sensitivity": [moved.model_copy(update={"innocent": False})]})

    def shown(replay):
        base = html_pages.whole()
        return read(
            base.model_copy(update={"predicate": base.predicate.model_copy(update={"replays": [replay]})})
        ).shown

    assert "differs from the runs without it (a fault: no result may depend on it); 2 runs" in shown(one)
    assert "differs from the runs without it; 2 runs" in shown(other)
    assert "without it (a fault" not in shown(other)


@pytest.mark.parametrize("equal", [True, False, None])
def test_bits_of_operations_are_called_equal_and_drawn_so_only_where_they_are(equal):
    """Identical runs may hold operations on durations, which differ."""
    one = html_pages.replay(verdict="identical", divergence={}, differences=[], operations_equal=equal)
    base = html_pages.whole()
    predicate = base.predicate.model_copy(update={"replays": [one]})
    shown = read(base.model_copy(update={"predicate": predicate})).shown

    assert ("gave the same bits in all 1,000 recorded operations" in shown) == bool(equal)
    assert (replays.of(one).bar is not None) == bool(equal)


@pytest.mark.parametrize("number", range(len(EVIL)))
def test_what_would_break_out_is_text(number):
    """In findings, facts, readings, replays, names and evidence; a million characters are cut."""
    evil = EVIL[number]
    base = html_pages.whole(2)
    finding = base.predicate.findings[0].model_copy(
        update={"check": evil, "message": evil, "title": evil, "remedy": evil, "evidence": {evil: evil}}
    )
    replay = Replay(
        verdict="diverged",
        command=[evil],
        runs=2,
        operations=1,
        divergence={"op": evil, "index": evil, "source": {"file": evil, "line": evil, "code": evil}, "reaches": evil},
        remedy={"text": evil},
        problems=[evil],
    )
    readings = [one.model_copy(update={"check": evil, "process": evil}) for one in base.predicate.readings]
    facts = {evil: audit_example.value(evil), "env": audit_example.value({evil: evil})}
    update = {"findings": [finding, finding], "replays": [replay], "readings": readings, "facts": facts}
    manifest = html_pages.whole(2, **update)
    text, page = html_pages.rendered(manifest), read(manifest)

    assert len(text) < 300_000
    assert all(line.isprintable() for line in text.split("\n"))
    assert evil.replace("`", "")[:10] in page.shown or not evil.isprintable()


@given(hostile.manifests())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_hostile_manifests_are_inert(manifest):
    """The reader finds no tag, attribute, link or script but ours, and no character that an editor acts on."""
    read(manifest, signed=False)

    assert all(line.isprintable() for line in html_pages.rendered(manifest).split("\n"))


def test_seven_hundred_operators_fit():
    """In less than the 1.5 MB that a page may have."""
    text = html_pages.rendered(html_pages.whole(700))

    assert len(text.encode()) < 1_500_000
    assert len(re.findall(r'<th scope="row">op_', text)) == 700
