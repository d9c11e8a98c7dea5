"""Tables of operators: which give other bits on the other side, and of which nothing can be said."""

import json

import pytest
from sides import reading, side

from auditor.compare import compare
from auditor.render.comparison import text

CHECK = "torch-every-operator"
SAME = "11111111.22222222"


def table(entries, inputs=None, *, repeat=0, **settings):
    """A reading of a table."""
    values = {"operators": entries} | ({"inputs": inputs} if inputs is not None else {})
    return reading(values, check=CHECK, repeat=repeat, **settings)


def compared(left, right, **facts):
    """The comparison of two sides with these readings; facts as pairs."""
    sides = [
        side(readings=readings, **{key: pair[place] for key, pair in facts.items()})
        for place, readings in enumerate((left, right))
    ]
    return compare(*sides)


def test_an_operator_with_other_digests_is_told_with_the_number_of_its_samples():
    """One sample of two differs; the others are the same on both sides."""
    found = compared(
        [table({"addmm float32": SAME, "sum float32": SAME})],
        [table({"addmm float32": "11111111.33333333", "sum float32": SAME})],
    )
    (one,) = found.operators

    assert (one.compared, [(item.name, item.kind, item.samples, item.differing) for item in one.differing]) == (
        2,
        [("addmm float32", "bits", 2, 1)],
    )
    assert (one.check, one.framework, one.settings) == (CHECK, "torch", {})
    assert found.verdict == "differs"
    assert found.readings == []


@pytest.mark.parametrize(
    ("left", "right", "kind"),
    [
        ("11111111", "22222222", "bits"),
        ("11111111.!RuntimeError", "11111111.22222222", "raises"),
        ("!RuntimeError", "!ValueError", "raises"),
        ("11111111", "11111111.22222222", "samples"),
        ("11111111.!RuntimeError", "22222222", "samples"),
    ],
)
def test_what_differs_of_an_operator(left, right, kind):
    """Bits, an error, or the number of samples; both ways round."""
    for a, b in ((left, right), (right, left)):
        (one,) = compared([table({"x f": a})], [table({"x f": b})]).operators

        assert [item.kind for item in one.differing] == [kind]


def test_equal_tables_are_told_and_are_the_same():
    """That no operator of so many differs is worth a line."""
    found = compared([table({"x f": SAME})], [table({"x f": SAME})])

    assert (found.verdict, found.operators[0].compared, found.operators[0].differing) == ("same", 1, [])
    assert f"{CHECK}: none of 1 differs" in text(found, ("a", "b"))


def test_operators_with_other_inputs_are_not_comparable():
    """Their outputs differ after their inputs; that they agree cannot be said, nor that they do not."""
    found = compared(
        [table({"x f": SAME, "y f": SAME}, {"x f": "0" * 8, "y f": "1" * 8})],
        [table({"x f": "3" * 8, "y f": SAME}, {"x f": "9" * 8, "y f": "1" * 8})],
    )
    (one,) = found.operators

    assert (one.compared, one.differing, one.other_inputs) == (1, [], ["x f"])
    assert found.verdict == "cannot-tell"
    assert "not comparable, since their inputs differ (1): x f" in text(found, ("a", "b"))


def test_inputs_that_one_side_alone_tells_are_other_inputs():
    """Whether they were equal is not known."""
    (one,) = compared([table({"x f": SAME}, {"x f": "0" * 8})], [table({"x f": "33333333"})]).operators

    assert (one.differing, one.other_inputs) == ([], ["x f"])


def test_tables_that_tell_no_inputs_are_compared():
    """The catalogue's inputs are then the check's own."""
    (one,) = compared([table({"x f": SAME})], [table({"x f": "33333333"})]).operators

    assert [item.name for item in one.differing] == ["x f"]


def test_an_operator_that_one_side_lacks_is_named():
    """Another release has other operators."""
    found = compared([table({"x f": SAME, "old f": SAME})], [table({"x f": SAME, "new f": SAME})])
    (one,) = found.operators
    shown = text(found, ("a", "b"))

    assert (one.only_a, one.only_b, found.verdict) == (["old f"], ["new f"], "same")
    assert "only in A (1): old f" in shown
    assert "only in B (1): new f" in shown


def test_an_operator_that_races_on_a_side_proves_nothing():
    """The others of the same table still do."""
    left = [table({"x f": SAME, "y f": SAME}), table({"x f": "44444444", "y f": SAME}, repeat=1)]
    (one,) = compared(left, [table({"x f": SAME, "y f": "33333333"})]).operators

    assert ([item.name for item in one.differing], one.unstable) == (["y f"], ["x f"])


def test_only_equal_settings_are_compared():
    """A table under one thread is not compared with one under two."""
    found = compared([table({"x f": SAME}), table({"x f": "5" * 8}, threads="1")], [table({"x f": SAME})])

    assert [(one.settings, one.differing) for one in found.operators] == [({}, [])]


def test_a_table_that_one_side_lacks_altogether_is_no_list_of_seven_hundred():
    """It is a value that only one side has."""
    found = compared([table({"x f": SAME})], [reading({"other": "1"}, check=CHECK)])

    assert found.operators == []
    assert [(one.outcome, one.names) for one in found.readings] == [("one-side", ["other", "operators"])]


@pytest.mark.parametrize("odd", [{"x f": 7}, {"x f": ["a"]}, {"x f": None}, "text", [], 7])
def test_a_table_of_another_shape_is_compared_whole(odd):
    """A hostile or later manifest breaks nothing."""
    found = compared([table({"x f": SAME})], [table(odd)])

    assert found.verdict in ("differs", "same")
    assert text(found, ("a", "b"))


def test_a_large_table_does_not_flood_the_terminal_and_is_whole_in_json():
    """Seven hundred operators in two dtypes, all of which differ: counted, the first few named, each operator once."""
    names = [f"op{number:03} {dtype}" for number in range(350) for dtype in ("float32", "float64")]
    inputs = dict.fromkeys(names, "0" * 8)
    found = compared(
        [table(dict.fromkeys(names, "11111111"), inputs)],
        [table(dict.fromkeys(names, "22222222"), inputs)],
        torch__cpu__capability=("AVX512", "AVX2"),
    )
    shown = text(found, ("a", "b"))
    lines = shown.splitlines()

    assert f"{CHECK}: 700 of 700 differ, in 700 of their samples (--json names all)" in shown
    assert "op000 (float32, float64), op001 (float32, float64)" in shown
    assert "and 338 more" in shown
    assert len(lines) < 25
    assert max(map(len, lines)) < 500
    assert len(json.loads(found.model_dump_json())["operators"][0]["differing"]) == 700


def test_the_facts_that_differ_too_stand_beside_the_operators():
    """As beside any other reading."""
    found = compared(
        [table({"x f": SAME})],
        [table({"x f": "33333333"})],
        torch__cpu__capability=("AVX512", "AVX2"),
        jax__version=("1", "2"),
    )

    assert found.operators[0].candidates == ["torch.cpu.capability"]
    assert "1. torch.cpu.capability [processor]: A AVX512, B AVX2" in text(found, ("a", "b"))


def test_operators_of_which_most_samples_differ_come_first():
    """They are the first to look at."""
    left = table({"few f": "1.1.1.1", "many f": "1.1.1.1"})
    right = table({"few f": "1.1.1.2", "many f": "2.2.2.1"})

    assert "give different bits (2): many (f), few (f)" in text(compared([left], [right]), ("a", "b"))


def test_a_table_measured_by_another_payload_proves_nothing_alone():
    """Its inputs may be the same and its digests others."""
    left = side(readings=[table({"x f": SAME})])
    right = side(readings=[table({"x f": "33333333"})], payload="1f" * 32)

    assert compare(left, right).verdict == "cannot-tell"


def test_hostile_names_of_operators_are_inert():
    """They are data of a manifest."""
    evil = "\x1b[2J\nVerdict: same\u202e"
    found = compared([table({evil: SAME, "a": SAME}, {"b": evil})], [table({evil: "33333333"})])

    assert all(line.isprintable() for line in text(found, ("a", "b")).split("\n"))
