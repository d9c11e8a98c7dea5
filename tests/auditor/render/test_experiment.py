"""The verdict on a program in three lines, and its cure."""

import io
import re

from auditor.manifest.models import Experiment, Finding, Reach, Seeding
from auditor.render import experiment as rendered
from auditor.render import terminal

UNSEEDED = Seeding(generator="numpy", seeded=False, draws=3, file="/home/me/data.py", line=12)
SEEDED = Seeding(generator="torch", seeded=True, draws=9, file="/home/me/train.py", line=4, seeded_at="train.py:2")
RACE = {
    "operator": "aten::index_put",
    "outcome": "races",
    "cured by the switch": True,
    "file": "/home/me/train.py",
    "line": 41,
    "backward": True,
}


def finding(check, *, state=None, **evidence):
    """A failed finding of a release."""
    return Finding(
        check=check,
        framework="torch",
        outcome="fail",
        severity="high",
        kind="release",
        reach=Reach(state=state, file="/home/me/train.py", line=7, operator="aten::put_", count=3) if state else None,
        title="A claim.",
        message="it differs",
        evidence=evidence,
    )


def program(**fields):
    """A program with two measured signatures of three."""
    one = {"operator": "aten::mm"}
    given = {"command": ["train"], "signatures": 3, "measured": {"a": one, "b": one}, "left_out": {"c": "too large"}}
    return Experiment(**{**given, "seeds": [SEEDED], **fields})


def test_the_first_line_says_what_does_not_repeat_where_and_what_cures_it():
    """And how many could not be called again."""
    line = rendered.lines(program(), [finding("experiment-operators", signatures={"a": RACE})])[0]

    assert (
        "Your program calls 3 operator signatures. 1 repeats here; 1 does not: `index_put` backward at train.py:41 "
        "(races; `use_deterministic_algorithms(True)` cures it, measured); 1 could not be called again."
    ) == line


def test_each_framework_has_its_own_switch():
    """In the first line and in the lines that cure it."""
    told = {"a": {**RACE, "operator": "tf.CropAndResizeGradImage"}, "b": RACE}
    found = [finding("experiment-operators", signatures=told)]
    switch = "tensorflow.config.experimental.enable_op_determinism()"

    assert f"`{switch}` cures it, measured" in rendered.lines(program(), found)[0]
    assert ["torch.use_deterministic_algorithms(True)", switch] == sorted(
        line for line in rendered.cure(program(), found).splitlines() if "determin" in line
    )[::-1]


def test_a_program_whose_operators_repeat_reads_so():
    """Nothing is named."""
    assert (
        "Your program calls 3 operator signatures. 2 repeat here; 1 could not be called again."
        == (rendered.lines(program(), [])[0])
    )


def test_the_second_line_counts_reached_not_reached_and_unknown_defects():
    """The program's own findings are no defects of releases."""
    found = [finding("torch-a", state="reached"), finding("torch-b", state="not-reached"), finding("torch-c")]
    line = rendered.lines(program(), [*found, finding("experiment-operators", state="reached")])[1]

    assert "Defects of these releases: 1 reached (torch-a at train.py:7), 1 not reached, 1 unknown." == line


def test_checks_without_a_result_are_counted_beside_the_defects():
    """Else `none was found` would say more than was measured."""
    broken = finding("torch-a").model_copy(update={"outcome": "error"})
    own = finding("experiment-operators").model_copy(update={"outcome": "inconclusive"})
    line = rendered.lines(program(), [broken, own])[1]

    assert "Defects of these releases: none was found. 1 check gave no result." == line
    assert "Defects of these releases: none was found." == rendered.lines(program(), [])[1]


def test_a_program_that_was_not_seen_whole_is_not_said_to_seed_every_generator():
    """Only those that it was seen to draw from."""
    line = rendered.lines(program(unseen=["ended after the first 60 s"]), [])[2]

    assert "Seeds: every generator that it was seen to draw from is seeded (torch)." == line


def test_the_third_line_names_each_generator_without_a_seed():
    """With the line of its draw; else all are named as seeded."""
    assert (
        "Seeds: numpy is never seeded (drawn at data.py:12)."
        == rendered.lines(program(seeds=[UNSEEDED, SEEDED]), [])[2]
    )
    assert "Seeds: every generator that it draws from is seeded (torch)." == rendered.lines(program(), [])[2]


def test_what_was_not_seen_is_a_line_of_its_own():
    """A program that was seen whole has none."""
    cut = rendered.lines(program(unseen=["ended after the first 60 s", "another"]), [])

    assert 3 == len(rendered.lines(program(), []))
    assert "Not seen whole: ended after the first 60 s (and 1 more). What was not seen is unknown." == cut[3]


def test_the_cure_is_one_block_of_what_was_measured_to_cure():
    """Imports first; nothing for a program that needs none."""
    cure = rendered.cure(program(seeds=[UNSEEDED]), [finding("experiment-operators", signatures={"a": RACE})])

    assert "import numpy\nimport torch\n\nnumpy.random.seed(0)\ntorch.use_deterministic_algorithms(True)" == cure
    assert "" == rendered.cure(program(), [])
    compile(cure, "cure", "exec")


def test_a_finding_says_how_it_is_reached():
    """Operator, line and count; nothing for an audit without a program."""
    assert "reached: `put_` at train.py:7, 3 times" == rendered.reach_text(finding("torch-a", state="reached"))
    assert "" == rendered.reach_text(finding("torch-a"))


def test_the_price_is_the_median_with_its_spread():
    """A refusal is told as such."""
    price = {"ratio": (1.5).hex(), "lowest": (1.25).hex(), "highest": (2.0).hex(), "ratios": ["a", "b", "c"]}

    assert any(
        "1.50 times the time without it (1.25 to 2.00 in 3 pairs" in told
        for told in rendered.lines(program(price=price), [])
    )
    assert any("it failed" in told for told in rendered.lines(program(price={"refused": "it failed"}), []))


def test_of_another_machines_operators_nothing_is_said_about_seeds():
    """The program did not run here, so that `no draw was seen` would sound like a result."""
    line = rendered.lines(program(command=[], ended="not-run", seeds=[]), [])[2]

    assert "Seeds: not known, as the program was not run here." == line
    assert "Seeds: no draw from a generator was seen." == rendered.lines(program(seeds=[]), [])[2]


def test_a_finding_about_the_program_is_no_defect_of_a_release():
    """Nor one of the set-up: it is counted for itself, and shown under a heading of its own."""
    own = finding("experiment-operators", state="reached", signatures={"a": RACE})
    written = io.StringIO()
    terminal.show([own], written)

    assert "1 finding about your program, at worst high." in written.getvalue()
    assert "\nYour program\n" in written.getvalue()
    for words in ("of these releases", "about your set-up", "Defects of", "Your set-up"):
        assert words not in written.getvalue()


def test_a_reached_defect_of_a_release_stays_one():
    """The other direction."""
    written = io.StringIO()
    terminal.show([finding("torch-a", state="reached")], written)

    assert "Your program reaches 1 defect of these releases." in written.getvalue()
    assert "about your program" not in written.getvalue()


def test_defects_that_the_program_does_not_reach_share_a_line():
    """Those of which that is unknown have their own lines, as in an audit without a program."""
    written = io.StringIO()
    terminal.show([finding("torch-a", state="not-reached"), finding("torch-b", state="unknown")], written)

    assert "\nNot reached by your program: torch-a\n" in written.getvalue()
    assert re.search(r"\nhigh +torch-b", written.getvalue())
    assert not re.search(r"\nhigh +torch-a", written.getvalue())


def test_with_nothing_but_defects_that_are_not_reached_no_table_is_shown():
    """And none of them is hidden."""
    written = io.StringIO()
    terminal.show([finding("torch-a", state="not-reached")], written)

    assert "Not reached by your program: torch-a" in written.getvalue()
    assert "\nhigh" not in written.getvalue()
