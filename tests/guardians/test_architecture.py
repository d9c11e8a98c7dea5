"""The page of the architecture: its picture and its rooms are those of the code."""

import re
import sys
from itertools import pairwise

from support import ROOT

sys.path.insert(0, str(ROOT / "tools"))

import draw_house


def test_the_picture_is_drawn_from_the_imports_of_today():
    """`make docs` renews it; it shows every room of the import contract."""
    drawn = draw_house.picture()

    assert draw_house.PICTURE.read_text(encoding="utf-8") == drawn
    rooms = re.findall(r'<text class="name"[^>]*>(\w+)<', drawn)
    assert sorted([*(room for floor in draw_house.floors() for room in floor), "checks"]) == sorted(rooms)


def test_the_rooms_of_the_page_are_those_of_today():
    """One line for each room: the first line of its own docstring."""
    text = draw_house.PAGE.read_text(encoding="utf-8")

    assert draw_house.page(text) == text
    assert "| `auditor/rules/` | Rules: pure functions" in text


def test_an_arrow_that_follows_from_others_is_left_out():
    """What a longer way gives is not drawn; what only one arrow gives is."""
    edges = frozenset({("a", "b"), ("b", "c"), ("a", "c"), ("a", "d"), ("c", "e"), ("a", "e")})

    assert {("a", "b"), ("b", "c"), ("a", "d"), ("c", "e")} == draw_house.reduced(edges)


def test_no_two_boxes_overlap_and_every_arrow_points_down():
    """A picture in which a box hides another one says nothing."""
    names = [["a", "b"], ["c"], ["d", "e"]]
    edges = frozenset({("a", "c"), ("a", "e"), ("b", "d"), ("c", "d")})
    rows = draw_house.layout(names, edges, {"c": ("first", "second")})

    for row in rows:
        ends = [(node.x - node.width / 2, node.x + node.width / 2) for node in sorted(row, key=lambda node: node.x)]
        assert all(one[1] < other[0] for one, other in pairwise(ends)), row
    assert [3, 3, 3] == [len(rows[0]) + 1, len(rows[1]), len(rows[2]) + 1]
    assert all(below.floor == node.floor + 1 for row in rows for node in row for below in node.down)
