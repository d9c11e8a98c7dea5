"""A comparison as text: grouped, short, explained when asked, and inert whatever a manifest holds."""

import hostile
import pytest
from hypothesis import HealthCheck, given, settings
from sides import blind, finding, reading, side, value

from auditor.compare import compare, of_manifest
from auditor.render.comparison import text

ONE, TWO = "1" * 64, "2" * 64
LEFT = side(
    torch__version="2.13.0",
    host__kernel__release="6.1",
    host__uptime=1,
    jax__version=blind("unknown"),
    env={"TF_ENABLE_ONEDNN_OPTS": "1"},
    readings=[
        reading({"losses": ONE, "sum": ONE}, check="tensorflow-same-seed"),
        reading({"losses": ONE, "sum": TWO}, check="tensorflow-same-seed", repeat=1),
        reading({"losses": ONE}, check="tensorflow-same-seed", hash_seed="1"),
    ],
    findings=[finding("pass", "tensorflow-same-seed", "tensorflow")],
)
RIGHT = side(
    torch__version="2.12.0",
    host__kernel__release="6.2",
    host__uptime=2,
    jax__version=blind("unknown"),
    numpy__version="2.4.0",
    env={"TF_ENABLE_ONEDNN_OPTS": "0"},
    readings=[
        reading({"losses": TWO, "sum": ONE}, check="tensorflow-same-seed"),
        reading({"losses": TWO, "sum": ONE}, check="tensorflow-same-seed", repeat=1),
        reading({"losses": TWO}, check="tensorflow-same-seed", hash_seed="1"),
    ],
    findings=[finding("fail", "tensorflow-same-seed", "tensorflow")],
)
NAMES = ("left", "right")


@pytest.fixture
def shown():
    """The text of the example."""
    return text(compare(LEFT, RIGHT), NAMES)


def section(shown, title):
    """The lines under a title, up to the next empty one."""
    _, _, rest = shown.partition(f"\n{title}")
    return rest.split("\n\n")[0]


def test_facts_stand_in_the_group_of_their_effect(shown):
    """Both values are there; what cannot matter is only named."""
    changes = section(shown, "Changes numbers (2)")

    assert "torch.version\n    A 2.13.0\n    B 2.12.0" in changes
    assert "env/TF_ENABLE_ONEDNN_OPTS" in changes
    assert "host.kernel.release" in section(shown, "May change numbers (1)")
    assert section(shown, "Cannot change numbers (1)") == ": host.uptime"


def test_what_cannot_be_told_is_told(shown):
    """Unknown on both sides, and recorded by one only, are kept apart."""
    untold = section(shown, "Equality not known (2)")

    assert "changes numbers, unknown on both sides: jax.version" in untold
    assert "changes numbers, not recorded in A (1): numpy.*" in untold


def test_a_reading_stands_beside_the_facts_that_could_have_moved_it(shown):
    """Candidates of its own framework, worded as such."""
    told = section(shown, "Readings that differ (of checks: 1)")

    assert "losses: A 111111111111...  B 222222222222..." in told
    assert "also with hash-seed=1: the same names" in told
    assert "The only differing fact that can change this framework's numbers" in told
    assert "1. env/TF_ENABLE_ONEDNN_OPTS [switch]: A 1, B 0" in told
    assert "torch.version" not in told


def test_an_unstable_value_is_named_apart(shown):
    """With the side on which it is."""
    told = section(shown, "Readings that could not be compared")

    assert "tensorflow-same-seed (unstable): sum: it differs within A" in told


def test_findings_are_listed_with_what_is_wrong(shown):
    """The message of a pass says nothing."""
    told = section(shown, "Findings whose outcome differs (1)")

    assert "tensorflow-same-seed: A pass, B fail\n    B: was fail" in told
    assert "A: was pass" not in told


def test_explaining_adds_reason_and_source():
    """For every difference, those that cannot matter too."""
    explained = text(compare(LEFT, RIGHT), NAMES, explain=True)

    assert "why: PyTorch promises equal results only within one release" in explained
    assert "source: https://docs.pytorch.org/docs/stable/notes/randomness.html" in explained
    assert "why: It changes from minute to minute." in explained
    assert explained.count("why: ") == explained.count("source: ") == 4


def test_a_fact_read_again_after_the_checks_is_told_once():
    """Unless it differs in another way then."""
    twice = compare(
        side(torch__deterministic=False, torch__after__deterministic=False),
        side(torch__deterministic=True, torch__after__deterministic=True),
    )
    moved = compare(
        side(torch__deterministic=False, torch__after__deterministic=False),
        side(torch__deterministic=False, torch__after__deterministic=True),
    )

    assert "torch.after" not in text(twice, NAMES)
    assert "torch.after.deterministic" in text(moved, NAMES)


def test_many_entries_of_one_map_are_counted():
    """Two hundred packages are no wall of text."""
    many = {f"package-{number}": {"version": "1"} for number in range(200)}
    shown = text(compare(side(python__distributions=many), side(python__distributions={})), NAMES)

    assert "python.distributions: 188 more entries" in shown
    assert len(shown.splitlines()) < 60


def test_long_lists_and_texts_show_what_only_one_side_has():
    """Not a thousand members of which one differs."""
    left, right = [f"{n}: GPU" for n in range(40)], [f"{n}: GPU" for n in range(39)]
    shown = text(compare(side(torch__devices=left), side(torch__devices=right)), NAMES)
    lines = text(
        compare(side(torch__build__configuration="a\n - b\n - c"), side(torch__build__configuration="a\n - b\n - d")),
        NAMES,
    )

    assert "only A: 39: GPU\n    only B: (nothing)" in shown
    assert "only A: - c\n    only B: - d" in lines


def test_of_two_long_texts_the_part_that_differs_is_shown():
    """Flags that differ at their end look alike when they are cut."""
    flags = " ".join(f"--xla_flag_number_{number}=true" for number in range(9))
    shown = text(
        compare(side(env={"XLA_FLAGS": flags + " --last=1"}), side(env={"XLA_FLAGS": flags + " --last=2"})), NAMES
    )

    assert "A ...true --last=1\n    B ...true --last=2" in shown


def test_of_two_nested_values_the_parts_that_differ_are_shown():
    """A reading of agreement has a dozen parts."""
    agreement = {f"part-{number}": number for number in range(30)}
    left, right = (side(readings=[reading({"loss": agreement | {"part-29": end}})]) for end in (1, 2))

    assert "loss: A part-29: 1  B part-29: 2" in text(compare(left, right), NAMES)


def test_the_only_candidate_is_called_that_and_has_its_reason():
    """What a user sees who turned one switch and got other numbers."""
    moved = compare(
        side(readings=[reading({"sum": ONE}, check="tensorflow-same-seed")], tensorflow__onednn=True),
        side(readings=[reading({"sum": TWO}, check="tensorflow-same-seed")], tensorflow__onednn=False),
    )
    shown = text(moved, NAMES)

    assert "can change numbers differs. Facts that change numbers: 1. Checks whose readings differ: 1." in shown
    assert "The only differing fact that can change this framework's numbers" in shown
    assert "1. tensorflow.onednn [switch]: A true, B false\n         oneDNN kernels compute in another order" in shown


def test_a_reason_that_two_candidates_share_is_told_once():
    """A variable and the switch that it sets."""
    on = {"env": {"TF_ENABLE_ONEDNN_OPTS": "1"}, "tensorflow__onednn": True}
    off = {"env": {"TF_ENABLE_ONEDNN_OPTS": "0"}, "tensorflow__onednn": False}
    moved = compare(
        side(readings=[reading({"sum": ONE}, check="tensorflow-same-seed")], **on),
        side(readings=[reading({"sum": TWO}, check="tensorflow-same-seed")], **off),
    )

    assert "most plausible first (to prove one, change it alone)" in text(moved, NAMES)
    assert text(moved, NAMES).count("oneDNN kernels compute in another order") == 1


def test_a_rule_without_a_source_says_so_when_it_is_explained():
    """And one that was measured says what was done."""
    sides = [
        compare(side(**{key: 1}), side(**{key: 2})) for key in ("tensorflow__threads__intra", "torch__threads__inter")
    ]
    measured, argued = (text(found, NAMES, explain=True) for found in sides)

    assert "source: measured: tf.config.threading" in measured
    assert "source: none: this is reasoning" in argued


def test_a_reading_without_any_differing_fact_says_so():
    """The cause was not recorded."""
    moved = compare(side(readings=[reading({"sum": ONE})]), side(readings=[reading({"sum": TWO})]))

    assert "the cause is not among the recorded facts" in text(moved, NAMES)


@given(hostile.manifests(), hostile.manifests(), hostile.texts)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_nothing_in_a_manifest_acts_on_the_terminal(left, right, name):
    """No control or format character, and no line that a value has made."""
    found = compare(of_manifest(left), of_manifest(right))
    for explain in (False, True):
        shown = text(found, (name, name), explain=explain)

        assert all(line.isprintable() for line in shown.split("\n"))
        assert shown.splitlines() == shown.split("\n")


def test_hostile_names_of_readings_and_settings_are_inert():
    """They are data of a manifest too."""
    evil = "\x1b[2J\nVerdict: same\u202e"
    left = side(readings=[reading({evil: ONE}, check=evil, evil=evil)], env={evil: "1"})
    right = side(readings=[reading({evil: evil}, check=evil, evil=evil)], env={evil: evil}, torch__x=value(evil))
    shown = text(compare(left, right), (evil, evil), explain=True)

    assert all(line.isprintable() for line in shown.split("\n"))
    assert not any(line.startswith("Verdict") for line in shown.splitlines())
