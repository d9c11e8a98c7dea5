"""What a manifest holds of a replay: the differing texts, cut, and what each factor moves."""

import pytest

from auditor.manifest.models import payload_bytes, read
from auditor.manifest.strict_json import canonical
from auditor.output import replay_record
from auditor.quoting.inert import MOST_CHARACTERS
from auditor.replay.model import Confidence, DifferingPlace, DifferingText, Result, Sensitivity


def result(**more):
    """A replay whose runs differ."""
    confidence = Confidence(runs=2, rate_bound_95=None)
    return Result(verdict="diverged", runs=2, ops=3, exit_codes=[0, 0], confidence=confidence, **more)


def test_each_output_that_differs_is_told_once():
    """By its place where one is known, else by its line."""
    place = DifferingPlace(where="stdout", place="line 1", kind="computed", first="1", second="2")
    lines = [DifferingText(stream=name, line=4, first="a", second="b") for name in ("stdout", "stderr")]
    found = replay_record._differences(result(differences=[place], texts=lines))

    assert [("stdout", "line 1", "1", "2"), ("stderr", "line 4", "a", "b")] == [
        (one.where, one.place, one.first, one.second) for one in found
    ]


def test_long_texts_are_cut_and_many_are_left_out():
    """A manifest is no copy of a program's output."""
    places = [
        DifferingPlace(where=f"f{one}", place="", kind="computed", first="x" * 5000, second="y") for one in range(99)
    ]
    found = replay_record._differences(result(differences=places))

    assert replay_record.MOST_DIFFERENCES == len(found)
    assert MOST_CHARACTERS < len(found[0].first) < MOST_CHARACTERS + 50


@pytest.mark.parametrize(("largest", "written"), [(None, ""), (2.5e-6, (2.5e-6).hex())])
def test_a_factor_is_told_with_what_it_moves(largest, written):
    """The relative difference is exact hexadecimal text, since canonical JSON holds no floats of ours."""
    one = Sensitivity(
        factor="threads", value="1", innocent=False, runs=2, verdict="diverged", relative_difference=largest
    )
    found = replay_record._varied(one)

    assert ("threads", "1", "diverged", written) == (
        found.factor,
        found.value,
        found.verdict,
        found.relative_difference,
    )
    assert canonical(found.model_dump(mode="json", by_alias=True))


def test_a_manifest_with_them_reads_back():
    """And one of before, without them, reads as one that tells none."""
    import html_pages

    manifest = html_pages.whole(2)
    assert manifest == read(payload_bytes(manifest))
    old = payload_bytes(manifest).replace(b'"sensitivity"', b'"unknownOne"').replace(b'"differences"', b'"unknown2"')
    assert ([], []) == (read(old).predicate.replays[0].differences, read(old).predicate.replays[0].sensitivity)
