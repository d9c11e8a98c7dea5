import pytest
import support
from planting import setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]

COMPILE_NOTHING = "torch.compile = lambda function, **options: function\n"
"""Compiled code is then eager code, which keeps the fill: the cure of pytorch#174386."""


def test_inductor_ignores_the_fill():
    """On torch 2.13 compiled fresh memory is not filled (pytorch#174386), while every eager promise holds."""
    verdict = support.verdict("torch-flag-takes-effect")

    assert "fail" == verdict.outcome
    assert "compiled empty_like is filled" in verdict.evidence["broken"]
    assert {True} == {name.startswith("compiled empty") or "new_empty" in name for name in verdict.evidence["broken"]}
    assert "index_put_ repeats (results)" in verdict.evidence["held"]
    assert "compiled index_put_ repeats (results)" in verdict.evidence["held"]


def test_every_promise_holds_without_the_compiler(tmp_path):
    """With compiled code that is eager code, all promises hold."""
    verdict = support.verdict("torch-flag-takes-effect", setup=setup_file(tmp_path, COMPILE_NOTHING))

    assert "pass" == verdict.outcome


def test_a_switch_that_does_nothing_is_found(tmp_path):
    """A switch that is swallowed breaks the fill, the refusal, the warning and the reading back."""
    setup = setup_file(
        tmp_path, COMPILE_NOTHING + "torch.use_deterministic_algorithms = lambda mode, warn_only=False: None\n"
    )

    verdict = support.verdict("torch-flag-takes-effect", setup=setup)

    assert "fail" == verdict.outcome
    assert {
        "empty is filled",
        "resize_ is filled",
        "put_ without accumulate refuses",
        "put_ without accumulate warns",
        "switch still on after the workload",
    } <= set(verdict.evidence["broken"])


def test_a_workload_that_sets_the_switch_back_is_found(tmp_path):
    """Compiled code that turns the switch off leaves it off, which the reading after the workload shows."""
    setup = setup_file(
        tmp_path,
        """
        def compile(function, **options):
            def call(*inputs):
                result = function(*inputs)
                torch.use_deterministic_algorithms(False)
                return result
            return call
        torch.compile = compile
        """,
    )

    verdict = support.verdict("torch-flag-takes-effect", setup=setup)

    assert "fail" == verdict.outcome
    assert "switch still on after the workload" in verdict.evidence["broken"]
    assert "put_ without accumulate refuses after the workload" in verdict.evidence["broken"]
    assert "put_ without accumulate refuses" in verdict.evidence["held"]
