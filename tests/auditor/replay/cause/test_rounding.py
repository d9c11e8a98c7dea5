"""Runs without the compilers against runs with them: what is rounding, what is wrong, and what cannot be told."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from made_runs import Made
from streams import writer

from auditor.render import replay as rendered
from auditor.replay.cause import rounding
from auditor.replay.cause.sensitivity import table
from auditor.replay.model import Sensitivity

OFF = {"compile": "off"}
STEP = (("jit:step", 5, 1),)


def printing(folder, text, *, steps=STEP, **details):
    """A run that printed this text."""
    made = Made(0, steps, **details).run(folder)
    made.stdout.path.write_text(text)
    return replace(made, stdout=replace(made.stdout, sha256=hashlib.sha256(text.encode()).hexdigest(), size=len(text)))


class Program:
    """A `Runner`: what it prints as it is, without the compilers (one text for each run), and rounded otherwise."""

    def __init__(self, tmp_path, plain, off, control, *, steps=STEP, off_steps=(("jnp.add", 6, 1),), **details):
        self._off, self._control, self._steps, self._details = (
            [off] if isinstance(off, str) else off,
            control,
            off_steps,
            details,
        )
        self._folder, self.asked = tmp_path, []
        self.base = printing(tmp_path / "base", plain, steps=steps)

    def __call__(self, settings, _purpose):
        """One run."""
        self.asked.append(dict(settings))
        folder = self._folder / f"run-{len(self.asked)}"
        if settings == rounding.CONTROL:
            return printing(folder, self._control, steps=(("jit:step", 7, 1),))
        assert settings == OFF
        text = self._off[min(self.asked.count(OFF), len(self._off)) - 1]
        return printing(folder, text, steps=self._steps, **self._details)


def row(tmp_path, plain, off, control="", **more):
    """The row of the factor `compile`, and the settings of the runs that were made for it."""
    program = Program(tmp_path, plain, off, control or plain, **more)
    (found,) = table(program, program.base, ["compile"], None)
    return found, program.asked


@pytest.mark.parametrize(
    ("plain", "off"),
    [
        ("loss=0.693151227\n", "loss=0.693151234\n"),  # 1e-8
        ("loss=0.693151227\n", "loss=0.693151227\n"),  # the printed digits hide it
        ("a 1.0e-07 took 3.2 s\n", "a 1.0e-07 took 9.7 s\n"),  # a duration is no result
        ("[1.00001 -2.5]\n[3 4]\n", "[1.00002 -2.5]\n[3 4]\n"),  # 1e-5
    ],
)
def test_what_rounding_explains_is_the_same(tmp_path, plain, off):
    """One run is enough; the row has the largest relative difference."""
    found, asked = row(tmp_path, plain, off)

    assert ("identical", 1, [OFF]) == (found.verdict, found.runs, asked)
    assert found.note.startswith("same up to rounding (")
    assert 0 <= found.relative_difference < 1e-4


@pytest.mark.parametrize(
    ("plain", "off", "relative"),
    [
        ("energy=455051.2500 last=12.273046\n", "energy=454996.5937 last=20.503712\n", 0.401423),
        ("ok\nloss=0.69315\n", "ok\nloss=0.69410\n", 0.00135),
        ("loss=-0.69315\n", "loss=0.69315\n", 2.0),
        ("right: 90 of 100\n", "right: 12 of 100\n", 0.86),  # too far for a count near a tie
    ],
)
def test_what_exceeds_rounding_is_a_wrong_program(tmp_path, plain, off, relative):
    """With both lines, and how far a run that was rounded otherwise was."""
    found, asked = row(tmp_path, plain, off, plain)

    assert ("diverged", 2, [OFF, OFF, rounding.CONTROL]) == (found.verdict, found.runs, asked)
    assert relative == pytest.approx(found.relative_difference, rel=0.02)
    assert "differs by more than rounding explains by" in found.note
    assert (
        f"at stdout:{plain.count(chr(10))}: {plain.splitlines()[-1]!r} against {off.splitlines()[-1]!r}" in found.note
    )
    assert "rounding alone moved results by 0.0e+00" in found.note


def test_a_number_that_became_nan_is_wrong(tmp_path):
    """Though the words differ too."""
    found, _ = row(tmp_path, "loss 0.5\n", "loss nan\n")

    assert ("diverged", None) == (found.verdict, found.relative_difference)
    assert "more than rounding explains at stdout:1: 'loss 0.5' against 'loss nan'" in found.note


def test_other_words_are_told_and_not_judged(tmp_path):
    """A decision near a tie may fall otherwise after rounding."""
    found, _ = row(tmp_path, "loss 0.5\nbest: a\n", "loss 0.5\nbest: b\n")

    assert "inconclusive" == found.verdict
    assert "stdout:2: 'best: a' against 'best: b'" in found.note


@pytest.mark.parametrize(
    ("control", "verdict"),
    [
        ("loss=0.69315\n", "diverged"),
        ("loss=0.69316\n", "diverged"),  # 1e-5, and the compilers' difference is a hundred times as large
        ("loss=0.69325\n", "inconclusive"),  # a tenth of it: this program amplifies rounding
        ("loss=0.71315\n", "inconclusive"),
        ("loss nan\n", "inconclusive"),
    ],
)
def test_a_program_that_amplifies_rounding_is_no_wrong_one(tmp_path, control, verdict):
    """What other instructions and one thread do to it is measured."""
    found, _ = row(tmp_path, "loss=0.69315\n", "loss=0.69450\n", control)

    assert verdict == found.verdict


@pytest.mark.parametrize(("control", "verdict"), [("x=1.00001\n", "inconclusive"), ("x=1.00005\n", "identical")])
def test_between_rounding_and_error_the_control_decides(tmp_path, control, verdict):
    """Two parts in ten thousand: more than 1,024 units in the last place, less than half of the digits."""
    found, asked = row(tmp_path, "x=1.00001\n", "x=1.00021\n", control)

    assert (verdict, 3) == (found.verdict, len(asked))


def test_a_count_that_rounding_may_flip_is_not_called_wrong(tmp_path):
    """An accuracy of few digits; but it is told."""
    found, _ = row(tmp_path, "loss 0.123456 accuracy 0.880\n", "loss 0.123457 accuracy 0.890\n")

    assert "inconclusive" == found.verdict
    assert "accuracy 0.890" in found.note


@pytest.mark.parametrize(
    ("meta", "verdict"), [("f32[2]@cpu", "diverged"), ("bf16[2]@cpu;f32[2]", "identical"), ("f64[2]", "diverged")]
)
def test_the_least_precise_type_decides_what_rounding_is(tmp_path, meta, verdict):
    """One percent is one step of bfloat16."""
    steps = (lambda written: written.op("jit:step", 5, 1, meta=meta),)

    assert verdict == row(tmp_path, "loss=0.693151227\n", "loss=0.700101227\n", steps=steps)[0].verdict


def test_in_float64_less_is_rounding(tmp_path):
    """What float32 would explain."""
    steps = (lambda written: written.op("jit:step", 5, 1, meta="f64[2]"),)

    assert "diverged" == row(tmp_path, "x=1.000001234\n", "x=1.000011234\n", steps=steps)[0].verdict
    assert rounding.PRECISIONS["f64"] == rounding.precision_of(printing(tmp_path / "other", "", steps=steps))


def drawing(digest):
    """The steps of a run that drew this."""
    return (lambda written: written.op("aten::bernoulli_", digest, 2, flags=writer.DRAWS),)


def test_other_draws_are_no_wrong_program(tmp_path):
    """Compiled code may draw in its own way; the row says how to make it draw as eager code does."""
    first, second = drawing(5), drawing(6)
    found, _ = row(tmp_path, "loss=0.69315\n", "loss=0.79310\n", steps=first, off_steps=second)
    more = (*first, ("aten::add", 1, 3))
    same, _ = row(tmp_path / "same", "loss=0.69315\n", "loss=0.79310\n", steps=first, off_steps=more)

    assert ("inconclusive", "diverged") == (found.verdict, same.verdict)
    assert "fallback_random" in found.note


@pytest.mark.parametrize(
    ("off", "details", "note"),
    [
        (["loss=0.79310\n", "loss=0.89310\n"], {}, "two runs under it differ from each other too"),
        ("loss=0.69315\n", {"exit_code": 3}, "exit codes differ: 0 and 3"),
        ("loss=0.69315\n", {"timed_out": True}, "a run did not end in time"),
        ("loss=0.79310\n", {"problems": ("lost",)}, "lost"),
    ],
)
def test_runs_that_prove_nothing_make_the_row_inconclusive(tmp_path, off, details, note):
    """With the reason."""
    found, _ = row(tmp_path, "loss=0.69315\n", off, **details)

    assert "inconclusive" == found.verdict
    assert note in found.note


def test_a_program_that_prints_no_number_cannot_be_judged(tmp_path):
    """Bits differ; whether by rounding alone is not known. Equal bits need no numbers."""
    found, _ = row(tmp_path, "done in 3 s\n", "done in 4 s\n")
    equal, _ = row(tmp_path / "equal", "done\n", "done\n", off_steps=STEP)

    assert ("inconclusive", "identical") == (found.verdict, equal.verdict)
    assert "no number was printed" in found.note


def test_other_factors_are_judged_by_bits(tmp_path):
    """As before: for them a difference in the last place counts."""
    base = printing(tmp_path / "base", "loss=0.693151227\n")

    def other(_settings, purpose):
        return printing(tmp_path / f"run {purpose}", "loss=0.693151228\n")

    assert ["diverged"] == [one.verdict for one in table(other, base, ["tmp"], None)]


@pytest.mark.parametrize(
    ("text", "digits"), [("0.8800", 2), ("0.69310", 4), ("12.273046", 8), ("100", 3), ("-1.5e-07", 2), ("0", 0)]
)
def test_digits_that_only_fill_up_do_not_count(text, digits):
    """Neither zeros before the first digit, nor those after the point."""
    assert digits == rounding._digits(text)


@pytest.mark.parametrize(("verdict", "fault"), [("diverged", True), ("identical", False), ("inconclusive", False)])
def test_a_wrong_compiled_program_is_rendered_as_a_fault(verdict, fault):
    """Though bits may differ under this factor."""
    one = Sensitivity(factor="compile", value="off", innocent=False, runs=2, verdict=verdict, relative_difference=0.4)

    assert fault == ("a fault" in rendered._sensitivity(one, agreed=True))
    assert "a fault" not in rendered._sensitivity(one.model_copy(update={"relative_difference": None}), agreed=True)
