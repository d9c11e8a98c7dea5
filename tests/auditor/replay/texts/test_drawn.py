"""Names that a run drew at random, marked in what it printed."""

import pytest

from auditor.replay.texts.drawn import MARK, marker

ID = "6b1f4c2e-8d3a-4f5b-9c7d-0123456789ab"
NAMES = frozenset((ID, "a1b2c3d4e5f60718", "x_9fk2ab"))


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (f"run {ID}", [ID]),
        (f"run resnet-{ID[:8]} of {ID.replace('-', '')}", [ID[:8], ID.replace("-", "")]),
        (f"run {ID.upper()}", [ID.upper()]),
        ("token a1b2c3d4e5", ["a1b2c3d4e5"]),
        ("in data-x_9fk2ab/train", ["x_9fk2ab"]),
        ("in data-0x_9fk2ab1", ["x_9fk2ab"]),
        (f"run {ID[:7]}", []),
        ("digest 6b1f4c2f", []),
        ("in data-x_9fk2ac", []),
        ("", []),
    ],
)
def test_names_that_were_drawn_are_marked(line, found):
    marked = marker(NAMES)(line)

    assert (line, found) == (marked.replace(MARK, ""), marked.split(MARK)[1::2])


def test_without_names_nothing_is_marked():
    assert marker(frozenset()) is None
    assert marker(frozenset(("another",))) is None
