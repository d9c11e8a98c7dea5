"""
Draws the rooms of the project from its import graph: `make docs` writes docs/explanation/architecture.svg with it.

A room is a module or package directly under `auditor`. Floors are the layers of the import contract in pyproject.toml.
Only imports that do not follow from others are drawn (the transitive reduction). The layout is deterministic: dummy
nodes carry an arrow through the floors between its ends, and rooms are ordered by the mean place of their neighbours.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import grimp

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "explanation" / "architecture.svg"
PAGE = ROOT / "docs" / "explanation" / "architecture.md"
HOST, PAYLOAD = "auditor", "checks"
ABOUT: dict[str, str] = {
    "checks/*.py": "What the author of a check uses; `__main__.py` is the only door.",
}
DOORS = ("interpreter", "real_run", "replay")
"""Rooms that start processes with code of the payload in them. They exchange files with it and never import it."""
LETTER, SMALL = 8.0, 6.2
"""Width of a letter of a room's name, and of its sub-rooms' names (pixels)."""
BOX_HEIGHT, FLOOR_HEIGHT, GAP, THREAD = 42.0, 96.0, 26.0, 12.0
"""Height of a box, distance of floors, least distance of boxes, width that a passing arrow takes (pixels)."""
MARGIN, LABEL, SWEEPS = 24.0, 40.0, 40
STYLE = """<style>
.room{fill:#f4f7fb;stroke:#456}.payload{fill:#fdf3e1;stroke:#a60}.floor{fill:#f0f0f0}
.arrow{fill:none;stroke:#789;stroke-width:1.3}.door{fill:none;stroke:#a60;stroke-width:1.6;stroke-dasharray:6 4}
.name{font-size:13px;font-weight:bold;fill:#123}.inner{font-size:10px;fill:#456}
</style>"""
HEAD = """<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">
<path d="M0,0 L8,4 L0,8 z" fill="#678"/></marker></defs>"""
Edges = frozenset[tuple[str, str]]


@dataclass
class Node:
    """A room, or the place where an arrow passes through a floor."""

    name: str
    floor: int
    width: float
    inner: tuple[str, ...] = ()
    real: bool = True
    x: float = 0.0
    up: list[Node] = field(default_factory=list)
    down: list[Node] = field(default_factory=list)


# ------------------------------------------------------------------------------------------------------- the graph


def floors() -> list[list[str]]:
    """The floors of the import contract, the topmost first, each with its rooms in the order of the alphabet."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = told["tool"]["importlinter"]["contracts"]
    layers = next(one["layers"] for one in contracts if one["type"] == "layers")
    return [sorted(name.strip() for name in layer.split("|")) for layer in layers]


def imports() -> Edges:
    """Which room imports which."""
    graph = grimp.build_graph(HOST, cache_dir=None)
    pairs = {
        (_room(module), _room(imported))
        for module in graph.modules
        for imported in graph.find_modules_directly_imported_by(module)
    }
    return frozenset((one, other) for one, other in pairs if one and other and one != other)


def _room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def reduced(edges: Edges) -> Edges:
    """Without each edge that a longer way gives as well. The graph must have no circle."""
    below: dict[str, set[str]] = {}
    for one, other in edges:
        below.setdefault(one, set()).add(other)

    def reaches(start: str, end: str) -> bool:
        return any(one == end or reaches(one, end) for one in below.get(start, ()))

    return frozenset(
        (one, other) for one, other in edges if not any(reaches(between, other) for between in below[one] - {other})
    )


def said(path: Path) -> str:
    """The first line of a file's docstring."""
    told = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(told.split("\n\n")[0].split())


def inner(room: str) -> tuple[str, ...]:
    """The packages inside a room."""
    return tuple(sorted(path.parent.name for path in (ROOT / HOST / room).glob("*/__init__.py")))


# ------------------------------------------------------------------------------------------------------ the layout


def layout(names: Sequence[Sequence[str]], edges: Edges, inside: Mapping[str, tuple[str, ...]]) -> list[list[Node]]:
    """Nodes by floor, each with its place."""
    rows = [[_node(name, floor, inside.get(name, ())) for name in row] for floor, row in enumerate(names)]
    known = {node.name: node for row in rows for node in row}
    for one, other in sorted(edges):
        _thread(rows, known[one], known[other])
    for sweep in range(SWEEPS):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            _order(row, upwards=sweep % 2 == 0)
    left = min(node.x - node.width / 2 for row in rows for node in row)
    for node in (node for row in rows for node in row):
        node.x += MARGIN + LABEL - left
    return rows


def _node(name: str, floor: int, inside: tuple[str, ...]) -> Node:
    letters = max(len(name) * LETTER, len(" ".join(inside)) * SMALL)
    return Node(name, floor, letters + 24, inside)


def _thread(rows: Sequence[list[Node]], start: Node, end: Node) -> None:
    """Join two nodes, through a dummy node on each floor between them."""
    last = start
    for floor in range(start.floor + 1, end.floor):
        dummy = Node(f"{start.name}>{end.name}", floor, THREAD, real=False)
        rows[floor].append(dummy)
        last.down.append(dummy)
        dummy.up.append(last)
        last = dummy
    last.down.append(end)
    end.up.append(last)


def _order(row: list[Node], *, upwards: bool) -> None:
    """Order a floor by where the neighbours are, and place it as near to them as the widths allow."""
    wanted = {id(node): _wish(node, upwards=upwards) for node in row}
    row.sort(key=lambda node: (wanted[id(node)], node.name))
    place = 0.0
    for node in row:  # from the left, each at its wish or as near as the one before allows
        node.x = max(wanted[id(node)], place + node.width / 2)
        place = node.x + node.width / 2 + GAP
    shift = sum(node.x - wanted[id(node)] for node in row) / len(row)
    for node in row:
        node.x -= shift


def _wish(node: Node, *, upwards: bool) -> float:
    near = (node.up if upwards else node.down) or node.up or node.down
    return sum(one.x for one in near) / len(near) if near else node.x


# ----------------------------------------------------------------------------------------------------- the picture


def picture() -> str:
    """The whole SVG."""
    names = [*floors(), [PAYLOAD]]
    edges = reduced(imports()) | {(room, PAYLOAD) for room in DOORS}
    inside = {room: inner(room) for row in names for room in row if room != PAYLOAD}
    inside[PAYLOAD] = tuple(sorted(path.parent.name for path in (ROOT / PAYLOAD).glob("*/__init__.py")))
    rows = layout(names, edges, inside)
    nodes = [node for row in rows for node in row]
    width = max(node.x + node.width / 2 for node in nodes) + MARGIN
    height = MARGIN * 2 + FLOOR_HEIGHT * (len(rows) - 1) + BOX_HEIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" font-family="monospace">',
        "<title>The rooms of auditor, drawn from its import graph by tools/draw_house.py</title>",
        STYLE,
        HEAD,
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="white"/>',
        *(line for row in rows for line in _band(row[0], len(rows), width)),
        *(line for node in nodes if node.real for down in node.down for line in _arrow(node, down)),
        *(line for node in nodes if node.real for line in _box(node)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _band(node: Node, rows: int, width: float) -> Iterable[str]:
    """A floor's grey band and its name."""
    top, number = _top(node), rows - 1 - node.floor
    size = f'width="{width - 16:.0f}" height="{BOX_HEIGHT + 16:.0f}"'
    yield f'<rect class="floor" x="8" y="{top - 8:.0f}" {size} rx="8"/>'
    yield f'<text class="inner" x="16" y="{top + 25:.0f}">{f"floor {number}" if number else "payload"}</text>'


def _top(node: Node) -> float:
    return MARGIN + node.floor * FLOOR_HEIGHT


def _arrow(start: Node, first: Node) -> Iterable[str]:
    """From a box, through the floors between, to the next box."""
    way = [first]
    while not way[-1].real:
        way.append(way[-1].down[0])
    x, y = start.x, _top(start) + BOX_HEIGHT
    drawn = [f"M{x:.1f},{y:.1f}"]
    for node in way:
        to = _top(node)
        middle = (y + to) / 2
        drawn.append(f"C{x:.1f},{middle:.1f} {node.x:.1f},{middle:.1f} {node.x:.1f},{to:.1f}")
        x, y = node.x, to
        if not node.real:
            y += BOX_HEIGHT
            drawn.append(f"L{x:.1f},{y:.1f}")
    kind = "door" if way[-1].name == PAYLOAD else "arrow"
    yield f'<path class="{kind}" marker-end="url(#head)" d="{" ".join(drawn)}"/>'


def _box(node: Node) -> Iterable[str]:
    left, top = node.x - node.width / 2, _top(node)
    kind = "payload" if node.name == PAYLOAD else "room"
    yield (
        f'<rect class="{kind}" x="{left:.1f}" y="{top:.1f}" width="{node.width:.1f}" height="{BOX_HEIGHT:.0f}" rx="5">'
        f"<title>{escape(_docstring(node.name))}</title></rect>"
    )
    middle = top + (18 if node.inner else 26)
    yield f'<text class="name" x="{node.x:.1f}" y="{middle:.1f}" text-anchor="middle">{node.name}</text>'
    if node.inner:
        text = escape(" ".join(node.inner))
        yield f'<text class="inner" x="{node.x:.1f}" y="{top + 34:.1f}" text-anchor="middle">{text}</text>'


def _docstring(room: str) -> str:
    base = ROOT / PAYLOAD if room == PAYLOAD else ROOT / HOST / room
    return said(base / "__init__.py" if base.is_dir() else base.with_suffix(".py"))


# -------------------------------------------------------------------------------------------------------- the page


def rooms_text() -> str:
    """One line for each room, floor by floor, then the payload's: the page's block between its markers."""
    lines = ["| floor | room | what it holds |", "|---|---|---|"]
    for number, row in enumerate(floors()):
        for room in row:
            lines.append(f"| {len(floors()) - number} | `auditor/{_shown(room)}` | {_docstring(room)} |")
            lines += [
                f"| | `auditor/{room}/{name}/` | {said(ROOT / HOST / room / name / '__init__.py')} |"
                for name in inner(room)
            ]
    lines += ["", "| payload | what it holds |", "|---|---|"]
    lines += [f"| `{path}` | {told} |" for path, told in ABOUT.items()]
    lines += [
        f"| `checks/{path.parent.name}/` | {said(path)} |" for path in sorted((ROOT / PAYLOAD).glob("*/__init__.py"))
    ]
    return "\n".join(lines) + "\n"


def _shown(room: str) -> str:
    return f"{room}/" if (ROOT / HOST / room).is_dir() else f"{room}.py"


def page(text: str) -> str:
    """The page with its generated block renewed."""
    head, start, rest = text.partition("<!-- rooms -->\n")
    _, end, tail = rest.partition("<!-- /rooms -->")
    assert start, "the page has lost its marker"
    assert end, "the page has lost its second marker"
    return head + start + rooms_text() + end + tail


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
