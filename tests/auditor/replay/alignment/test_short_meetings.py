"""Two paths that find together again only for a few steps, because a run was cut soon after."""

import pytest
from streams import folder_of

from auditor.replay.provenance import origin


@pytest.mark.parametrize("after", [1, 3, 7])
def test_a_step_of_one_run_is_told_though_both_were_cut_soon_after_it(tmp_path, after):
    """There are no eight equal steps to be sure of, and no end of the program: fewer must do."""
    tail = [("aten::mul", 10 + line, line) for line in range(5, 5 + after)]
    plain = folder_of(tmp_path / "a", ("aten::ones", 1, 1), *tail, detail=True, end=False)
    more = folder_of(tmp_path / "b", ("aten::ones", 1, 1), ("aten::exp", 2, 3), *tail, detail=True, end=False)

    found = origin.find(more, plain).origin

    assert ("other-branch", "aten::exp") == (found.evidence, found.name)


def test_what_differs_behind_a_short_meeting_is_told_too(tmp_path):
    """Both go on alike from there, so the later step is paired with its like, and is no part of the gap."""
    runs = []
    for number, name in enumerate("ab"):
        extra = [("aten::exp", 2, 3)] if number else []
        tail = [("aten::mul", 5, 5), ("aten::mul", 6, 6), ("aten::mul", 7, 7), ("aten::race", 8 + number, 8)]
        runs.append(folder_of(tmp_path / name, ("aten::ones", 1, 1), *extra, *tail, detail=True, end=False))

    found = origin.find(*runs)

    assert {("other-branch", 3), ("same-inputs-other-outputs", 8)} == {
        (one.evidence, one.source.line) for one in (found.origin, *found.others)
    }
