"""The result of `replay --resume` as text, in the order of the other verdicts: verdict, what differs, where, why."""

from __future__ import annotations

from collections.abc import Iterator

from ..quoting.inert import shortened, visible
from ..replay.model import Result, Resume

CODE_CHARACTERS = 120
TEXT_CHARACTERS = 300
COMPARED = (
    "At each step were compared: weights, optimizer state, settings (learning rate), scheduler, gradient scaler, the"
    " samples that entered the model, loss, gradient, buffers."
)


def text(result: Result) -> str:
    """The whole result for a terminal."""
    told = result.resume
    if told is None or result.verdict == "inconclusive":
        lines = ["INCONCLUSIVE: whether resuming gives the same run cannot be judged."]
    elif told.verdict == "identical":
        lines = [*_identical(told)]
    else:
        lines = [*_diverged(told)]
    lines += [f"  {visible(shortened(problem, TEXT_CHARACTERS))}" for problem in result.problems]
    seconds = sum(result.seconds)
    runs = "1 run" if result.runs == 1 else f"{result.runs} runs"
    return "\n".join([*lines, f"Cost: {runs}, {seconds:.0f} s in all."])


def _identical(told: Resume) -> Iterator[str]:
    yield (
        f"IDENTICAL: the resumed run goes on after step {told.from_step} as the whole one: no difference in"
        f" {told.resumed_steps} optimizer steps, to the end."
    )
    yield COMPARED


def _diverged(told: Resume) -> Iterator[str]:
    where = f" in process {visible(told.process)}" if told.process != "main" else ""
    yield (
        f"DIVERGED: the resumed run goes on after step {told.from_step} of {told.steps}, and differs from the whole one"
        f" first at step {told.step}{where}."
    )
    yield f"What differs: {visible(told.effect)}"
    yield from _losses(told)
    yield f"  In that step differ: {', '.join(visible(one) for one in told.differs)}"
    if told.op:
        yield f"  Where it begins: {visible(told.op)}"
    if told.source is not None:
        yield f"  {visible(told.source.file)}:{told.source.line}"
        yield f"    {visible(shortened(told.source.code, CODE_CHARACTERS))}"
    yield f"Not saved, or not restored: {visible(shortened(told.unsaved_state or '', TEXT_CHARACTERS))}"
    for one in told.also_differs:
        yield f"  It also differs in: {visible(shortened(one, TEXT_CHARACTERS))}"


def _losses(told: Resume) -> Iterator[str]:
    if len(told.losses) == 2 and None not in told.losses and told.losses[0] != told.losses[1]:
        yield f"  Loss at this step: {told.losses[0]:.9g} in the whole run, {told.losses[1]:.9g} in the resumed one"
