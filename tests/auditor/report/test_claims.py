"""Reported numbers in the reports: the sentences of every format come from one source, and tables hold the figures."""

import hashlib
import json
import os
from pathlib import Path

import claim_examples
import examples
import html_pages
import pytest
from html_reader import Reader

from auditor.claim import asked
from auditor.errors import ManifestError
from auditor.manifest import models
from auditor.manifest.models import payload_bytes
from auditor.manifest.strict_json import canonical
from auditor.output import claim_record
from auditor.render import claims, markdown
from auditor.report import formats
from auditor.report.outcome import outcome
from auditor.shown import manifest as shown

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "report"
ALL = (claim_examples.CONFIRMED, claim_examples.SHIFTED, claim_examples.TOO_FEW)
MADE = claim_examples.manifest(*ALL, findings=[])


def report():
    """The Markdown report of the three examples."""
    return markdown.render(MADE, hashlib.sha256(payload_bytes(MADE)).hexdigest())


@pytest.mark.parametrize("name", ["claim-report.md", "claim-page.html"])
def test_the_reports_are_written_as_the_golden_files_say(name):
    """A change of wording is seen in review. AUDITOR_REGENERATE=1 writes the files again."""
    found = report() if name.endswith(".md") else html_pages.rendered(MADE)
    if os.environ.get("AUDITOR_REGENERATE"):
        (GOLDEN / name).write_text(found, encoding="utf-8")

    assert (GOLDEN / name).read_text(encoding="utf-8") == found


def test_each_verdict_says_the_figures_that_decide_it():
    """The reported number, what the runs give, and by which rule."""
    confirmed, shifted, few = map(claims.verdict, ALL)

    assert (
        "CONFIRMED: 5 runs with the reported seeds gave the reported digits, 0.913 ± 0.0032"
        " (standard deviation with divisor n - 1)."
    ) == confirmed
    assert (
        "NOT CONFIRMED: the mean of the reported 0.923 ± 0.0032 lies outside of 0.909154 to 0.916846, the 95 %"
        " prediction interval for the mean of 20 runs, from 5 runs with other seeds, whose mean is 0.913."
    ) == shifted
    assert few.startswith("TOO FEW RUNS TO TELL: nothing speaks against")
    assert any("No number of further runs would suffice" in line for line in claims.advice(ALL[2]))


def test_what_differs_is_named():
    """The spread alone, or both."""
    spread = claims.verdict(claim_examples.claim("0.913 ± 0.0042"))
    both = claims.verdict(claim_examples.claim("0.914 ± 0.0042"))

    assert spread.endswith("and 0.913 ± 0.0042 (standard deviation) is reported: the spread differs.")
    assert both.endswith("is reported: the mean and the spread differ.")


def test_a_seed_that_does_nothing_is_said():
    """And not said where values vary."""
    alike = claim_examples.claim("0.913 ± 0.003", [0.913] * 5, runs=5, seeds="")

    assert "All runs gave the same value" in next(claims.advice(alike))
    assert not any("same value" in line for one in ALL for line in claims.advice(one))


def test_every_format_says_the_verdict():
    """In its own quoting; without an audit no counts of checks are told."""
    page = Reader(html_pages.rendered(MADE))
    texts = {
        name: formats.render(name, examples.reported(MADE)).decode() for name in ("cite", "latex", "line", "markdown")
    }

    assert claims.verdict(ALL[0]) in page.shown
    assert all("reported seeds" in texts[name] for name in ("cite", "latex", "markdown"))
    assert "claim confirmed; claim not confirmed; claim too few runs to tell" in texts["line"]
    assert "0 held" not in texts["markdown"]
    assert "failed" == outcome(MADE.predicate).grade
    assert claims.verdict(ALL[0]) in [*shown.joined(MADE)]
    assert shown.alone(MADE)


def test_figures_of_a_stranger_are_no_numbers():
    """What is no float reads n/a, and a power that is none is not told as one."""
    strange = ALL[2].model_copy(update={"mean": "<b>", "power": (7.0).hex(), "low": "nan"})

    assert "n/a" == claims.number(strange.mean)
    assert "n/a" == claims.percent(strange.power)
    assert claims.verdict(strange).startswith("NOT AS RECORDED")


def test_a_verdict_that_its_own_values_do_not_give_is_repeated_nowhere():
    """Whoever signs a manifest can write any verdict into it; every format says what the values bear out."""
    lie = ALL[1].model_copy(update={"verdict": "confirmed", "differs": []})
    made = claim_examples.manifest(lie, findings=[])
    texts = [formats.render(name, examples.reported(made)).decode() for name in ("cite", "latex", "line", "markdown")]
    page = Reader(html_pages.rendered(made))

    assert claims.verdict(lie).startswith("NOT AS RECORDED: the manifest says confirmed")
    assert all("as recorded" in text.lower() for text in texts)
    assert "failed" == outcome(made.predicate).grade
    assert claims.verdict(lie) in page.shown
    assert [*map(claims.word, ALL)] == [one.verdict for one in ALL]


@pytest.mark.parametrize(
    "change",
    [
        {"low": (0.1).hex()},
        {"power": (0.99).hex()},
        {"visible": (1e-9).hex()},
        {"own_spread": (1e-9).hex()},
        {"mean": (0.5).hex()},
        {"needed": 7},
        {"alike": True},
        {"seeds": ["0"]},
        {"rule": "same-seeds", "reported_runs": 3},
        {"values": []},
    ],
    ids="-".join,
)
def test_no_figure_of_a_claim_can_be_another(change):
    """Each is printed, so each must follow from the values; as they were recorded all of them do."""
    (one,) = [made for made in ALL if made.verdict == "too-few-runs"]

    assert "contradicted" == claims.word(one.model_copy(update=change))
    assert "too-few-runs" == claims.word(one)


def test_figures_have_the_digits_that_decide():
    """Six digits of a large number would not tell it from the reported one."""
    values = [1234566.1, 1234567.2]
    told = asked.asked(
        metric="loss=([0-9.]+)",
        reported="1234567.0",
        kind=None,
        reported_runs=None,
        seeds=0,
        seed_values="1,2",
        seed_argument="--seed={}",
    )
    said = claims.verdict(claim_record.record(told, ["python"], values))

    assert "gave 1234566.65 " in said
    assert "1234567.0" in said


@pytest.mark.parametrize("name", ["junit", "sarif"])
def test_formats_of_the_gate_tell_no_claims_and_say_so(name):
    """A suite without the claim would look as if nothing had been judged."""
    with pytest.raises(ManifestError, match="claims alone"):
        formats.render(name, examples.reported(MADE))


def test_an_older_manifest_without_claims_says_nothing_of_them():
    """The field is optional: a manifest without it reads as before."""
    document = json.loads(payload_bytes(examples.manifest()))
    del document["predicate"]["claims"]
    read = models.read(canonical(document))

    assert [] == read.predicate.claims
    assert "Reported numbers" not in markdown.render(read, "ab" * 32)
    assert "Reported numbers" in report()
