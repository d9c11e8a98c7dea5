"""The numbers behind the page: plots, the heat map of operators, and what results depend on."""

import math

import audit_example
import html_pages
import pytest

from auditor.manifest.models import Reading
from auditor.report.html import depends, errors, operators, plots, readings, replays


def test_a_mark_stands_above_the_line_where_its_error_is_not_allowed():
    """And below it where it is; an error of 0 is on the lower edge."""
    points = [plots.Point("a", 1e-3, 1e-1, bad=True), plots.Point("b", 1e-3, 1e-5, bad=False)]
    drawn = plots.scatter([*points, plots.Point("c", 1e-3, 0.0, bad=False)])
    left, low, right, high = drawn.line

    def line_at(x):
        return low + (x - left) / (right - left) * (high - low)

    (good, good_y, _), (_, exact_y, _), (bad, bad_y, is_bad) = drawn.points
    assert is_bad
    assert bad_y < line_at(bad)  # upwards in an SVG
    assert good_y > line_at(good)
    assert (exact_y, 1) == (drawn.bottom, drawn.exact)


@pytest.mark.parametrize("value", [math.nan, math.inf, 0.0, -1.0])
def test_what_no_scale_can_show_is_not_drawn(value):
    """Nothing else is lost with it."""
    odd = plots.Point("odd", value, 1e-3, bad=True)

    assert plots.scatter([odd]) is None
    assert len(plots.scatter([odd, plots.Point("a", 1e-3, 1e-4, bad=False)]).points) == 1


@pytest.mark.parametrize(("equal", "total", "share"), [(0, 10, 0.0), (5, 10, 0.5), (10, 10, 1.0), (1, 0, 0.0)])
def test_the_time_line_is_split_where_the_difference_began(equal, total, share):
    """Both parts stay visible."""
    bar = plots.time_line(equal, total, diverges=True)

    assert bar.start <= bar.split < bar.end
    assert abs((bar.split - bar.start) / (bar.end - bar.start) - share) < 0.02
    assert plots.time_line(total, total, diverges=False).split == bar.end


def test_a_place_that_is_none_among_the_operations_has_no_bar():
    """A draw of Python where no framework ran; identical runs have a whole bar, others one that is split."""
    draw = html_pages.replay(operations=0)

    assert replays.of(draw).bar is None
    assert "Equal: 412 recorded steps of its stream before it." in replays.of(draw).steps[0]
    assert replays.of(html_pages.replay()).bar.diverges
    assert not replays.of(html_pages.replay(verdict="identical", divergence={}, operations_equal=True)).bar.diverges
    assert replays.of(html_pages.replay(verdict="inconclusive", divergence={})).bar is None


def test_each_tensor_is_shown_at_its_worst_and_judged_as_the_rule_does():
    """Of two readings the one nearer to its limit; the worst tensor first; other values are no tensors."""
    values = {"a": html_pages.agreement(2e-6), "conditions": {"bits_equal": 1}, "digest": "ab"}
    found = errors.plots(
        [
            Reading(check="c", process="p", values=values),
            Reading(check="c", process="q", settings={"threads": "1"}, values={"a": html_pages.agreement(0.5)}),
            Reading(check="c", process="r", values={"b": html_pages.agreement(1e-7)}),
        ]
    )

    assert [("a", "beyond", "q; threads 1"), ("b", "same", "r")] == [
        (one.name, one.kind, one.where) for one in found[0].tensors
    ]
    assert "1 beyond rounding, 0 rounding, 1 same bits" == found[0].counts
    assert [] == errors.plots(audit_example.READINGS)


def test_the_heat_map_counts_what_breaks_by_operator_and_contract():
    """The worst first; what moves with the number of threads only is no fault."""
    found = operators.heat_map(html_pages.whole(12).predicate)
    rows = dict(found.rows)

    assert ["experiment-operators", "torch-every-operator"] == found.contracts
    assert ("bad", 1, 2) == (rows["op_0"][1].kind, rows["op_0"][1].broken, rows["op_0"][1].measured)
    assert ("held", "none") == (rows["op_1"][1].kind, rows["op_1"][0].kind)
    assert {"open", "bad", "held"} == {cells[0].kind for name, cells in found.rows if name.startswith("aten")}
    assert operators.heat_map(audit_example.manifest().predicate) is None


def test_a_check_that_was_not_judged_holds_nothing():
    """Its table alone proves nothing."""
    base = html_pages.whole(12).predicate
    findings = [one.model_copy(update={"outcome": "inconclusive"}) for one in base.findings]
    found = operators.heat_map(base.model_copy(update={"findings": findings}))

    assert ["experiment-operators"] == found.contracts


def test_a_factor_that_moves_nothing_is_not_listed():
    """One that no result may depend on is a fault, one that it may depend on is recorded."""
    factors = {"threads": ["sum"], "memory-fill": ["lstsq"], "hash-seed": []}
    found = depends.rows([audit_example.FINDINGS[1].model_copy(update={"evidence": {"factors": factors}})])

    assert {("memory-fill", "lstsq", True), ("threads", "sum", False)} == {
        (row.factor, row.moves, row.fault) for row in found
    }


def test_readings_are_cut_and_what_is_left_out_is_counted():
    """A manifest may hold thousands; a large value is told by its size."""
    many = [Reading(check="c", process="p", repeat=one, values={"v": "x" * 500}) for one in range(100)]
    large = Reading(check="d", process="p", values={"table": {str(one): one for one in range(50)}})
    shown = readings.by_check([*many, large])

    assert [("c", 100, readings.MOST_READINGS), ("d", 1, 1)] == [(one.check, one.count, len(one.rows)) for one in shown]
    assert len(shown[0].rows[0].values) < 150
    assert "table: 50 entries" == shown[1].rows[0].values
