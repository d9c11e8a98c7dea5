"""`tensorflow-compiled-repeat`: stable stages, and the one that parts is named."""

from judged import MARKS, PLANTED, finding

pytestmark = MARKS


def test_compiled_functions_give_the_same_bits_in_every_process():
    """Traced graph, optimised program and result are the same in three processes, for both ways of compiling."""
    found = finding("compiled-repeat")

    assert ("pass", {}) == (found.outcome, found.evidence["parted"]), found.message


def test_a_constant_drawn_while_tracing_is_named_as_traced():
    """Planted: the traced program holds a number that chance gave; that stage is named, not the compiler."""
    found = finding("compiled-repeat", PLANTED)

    assert "fail" == found.outcome
    assert {"function": "traced", "xla": "traced"} == {
        name: told["stage"] for name, told in found.evidence["parted"].items()
    }
