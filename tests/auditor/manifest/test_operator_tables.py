"""Tables of operators written once: what is compacted comes back whole, and is judged alike."""

from hypothesis import given
from hypothesis import strategies as st

from auditor import rules
from auditor.catalogue.catalogue import CheckInfo
from auditor.manifest.models import Reading
from auditor.manifest.operator_tables import compacted, expanded

TABLE = st.dictionaries(st.sampled_from(["add f32", "mul i64", "sort bf16", "where b1"]), st.sampled_from("abc"))
CHECK = CheckInfo(
    id="torch-planted",
    framework="torch",
    title="T.",
    why="W",
    remedy="R",
    tier="full",
    severity="high",
    rule="identical",
    across=("repeat",),
)


def readings(tables):
    return [
        Reading(check="torch-planted", process="torch-1", repeat=number, values={"operators": table, "n": number})
        for number, table in enumerate(tables)
    ]


@given(st.lists(TABLE, min_size=1, max_size=5))
def test_what_is_compacted_comes_back_whole(tables):
    """Entries that changed, that are new, and that are gone."""
    whole = readings(tables)

    assert expanded(compacted(whole)) == whole


def test_an_equal_table_is_a_reference():
    """The second of two equal tables takes a line."""
    first, second = compacted(readings([{"add f32": "a"}, {"add f32": "a"}]))

    assert {"add f32": "a"} == first.values["operators"]
    assert {"sameAs": "torch-1 0"} == second.values["operators"]


def test_compacted_readings_are_judged_as_whole_ones():
    """A manifest's readings can be judged again."""
    whole = readings([{"add f32": "aa"}, {"add f32": "ab"}])
    plain = [one.model_copy(update={"values": {"operators": one.values["operators"]}}) for one in whole]

    assert rules.judge(CHECK, compacted(plain)) == rules.judge(CHECK, plain)
    assert "fail" == rules.judge(CHECK, compacted(plain)).outcome


def test_a_reference_to_nothing_stays_as_it_is():
    """A manifest is hostile data: no exception, and nothing invented."""
    lost = Reading(check="torch-planted", process="p", values={"operators": {"sameAs": "nobody 7"}})

    assert [lost] == expanded([lost])
