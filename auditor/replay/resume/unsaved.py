"""Names the state that explains the first difference: what the checkpoint does not hold, or what was not restored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .comparison import Aspect, Difference
from .located import Located
from .samples import Samples
from .steps import Step

OWN_TORCH = "a torch.Generator of the program"
GLOBAL = {"torch": "torch's default generator", "numpy": "NumPy's global generator", "python": "Python's random"}
WORKERS = "the generators of the data loader's workers"
POSITION = "the data loader's position in the epoch"
STREAM = "the state of the data set's stream: its position, or its shuffle buffer"
"""Where the samples have no indices: the data set is iterated over."""
ORDER = "the order of the epoch, which was drawn before the checkpoint, and the position in it"
DATA_DRAWS = "the same samples have other values: the data set or its transforms draw"
ANOTHER_ORDER = "the same samples come in another order"
NOT_SEEN = "not seen: no weight, optimizer, scheduler, scaler or generator differs before it"


@dataclass(frozen=True)
class Unsaved:
    """What was not saved, and what that does."""

    state: str
    """The state, in a few words."""
    effect: str
    """What the resumed run does otherwise."""
    also: tuple[str, ...] = ()
    """Other state that differs at the same step, and does not follow from that."""


def unsaved(found: Difference, samples: Samples | None, located: Located | None, *, anew: bool) -> Unsaved:
    """
    What explains `found`.

    `samples` if its samples differ; `located` is the first operation of the step that differs; `anew`: the resumed run
    starts from the weights with which the whole run began.
    """
    if anew:
        return Unsaved("everything: no checkpoint was loaded", "the resumed run begins anew")
    if found.whole is None or found.resumed is None:
        return _length(found)
    one, other = found.whole, found.resumed
    if found.first == "samples" and samples is not None:
        named = _of_samples(found, samples, located)
    elif found.first == "gradient":
        named = Unsaved(_drawn(found, located), _gradient_effect(located))
    else:
        named = _of_state(found.first, one, other)
    return Unsaved(named.state, named.effect, tuple(_others(found, one, other)))


def _of_state(first: Aspect, one: Step, other: Step) -> Unsaved:
    """Of state that a step starts from, or leaves."""
    named: dict[Aspect, Unsaved] = {
        "weights": Unsaved("the weights", "the resumed run starts from other weights than the checkpoint's step"),
        "optimizer": Unsaved(_slots(one, other), "the optimizer starts from another state"),
        "scheduler": Unsaved(_scheduler(one, other), "the learning-rate scheduler is at another place"),
        "scaler": Unsaved(_scaler(one, other), "the gradient scaler starts from another scale"),
        "settings": Unsaved(_settings(one, other), "the optimizer makes its step with other settings"),
        "buffers": Unsaved("the model's buffers (running statistics)", "the model's buffers differ"),
    }
    return named.get(first, Unsaved(NOT_SEEN, "the optimizer makes another step of the same gradient"))


def _others(found: Difference, one: Step, other: Step) -> Iterator[str]:
    """State beside the first aspect that differs before anything was computed."""
    rest = found.aspects[1:]
    if "optimizer" in rest:
        yield _slots(one, other)
    if "scheduler" in rest:
        yield _scheduler(one, other)
    if "scaler" in rest:
        yield _scaler(one, other)
    if "settings" in rest and found.first != "scheduler" and "scheduler" not in rest:
        yield _settings(one, other)
    if found.first not in {"samples", "gradient"}:
        yield from (f"the state of {GLOBAL.get(name, name)}" for name in found.generators)


def _slots(one: Step, other: Step) -> str:
    if one.kind != other.kind:
        return f"the optimizer: {one.kind}, then {other.kind}"
    names = [name for name in dict.fromkeys((*one.slots, *other.slots)) if one.slots.get(name) != other.slots.get(name)]
    return f"the optimizer's state: {', '.join(names)}"


def _scheduler(one: Step, other: Step) -> str:
    kinds = dict.fromkeys(told.get("kind", "?") for told in (*one.schedulers, *other.schedulers))
    return f"the scheduler ({', '.join(kinds)}): {_fields(one.schedulers, other.schedulers)}"


def _scaler(one: Step, other: Step) -> str:
    return f"the gradient scaler: {_fields(one.scalers, other.scalers)}"


def _settings(one: Step, other: Step) -> str:
    return f"the optimizer's settings: {_fields(one.groups, other.groups)}"


def _fields(one: Sequence[dict[str, str]], other: Sequence[dict[str, str]]) -> str:
    """The fields that differ, with both values."""
    if len(one) != len(other):
        return f"{len(one)} of them, then {len(other)}"
    told: dict[str, str] = {}
    for first, second in zip(one, other, strict=True):
        for name in dict.fromkeys((*first, *second)):
            if first.get(name) != second.get(name):
                told.setdefault(name, f"{name} {first.get(name, 'absent')} against {second.get(name, 'absent')}")
    return ", ".join(told.values())


def _length(found: Difference) -> Unsaved:
    if found.whole is None:
        return Unsaved(
            "the number of steps that were made", "the resumed run makes further steps after the whole one's end"
        )
    return Unsaved("the number of steps that were made", "the resumed run ends before the whole one")


# ------------------------------------------------------------------------------------------------- samples and draws


def _of_samples(found: Difference, samples: Samples, located: Located | None) -> Unsaved:
    if samples.kind == "content":
        return Unsaved(_drawn(found, located), DATA_DRAWS)
    counts = f"{samples.lost} samples are lost, {samples.repeated} are repeated"
    whole = "no sample is lost or repeated" if not samples.lost and not samples.repeated else counts
    effect = f"other samples come: {counts}"
    if samples.kind == "moved":
        way, steps = "behind" if samples.moved > 0 else "ahead", abs(samples.moved)
        effect = f"the samples are those of {steps} {'step' if steps == 1 else 'steps'} {way}; in all {whole}"
    elif samples.kind == "order":
        effect = ANOTHER_ORDER
    return Unsaved(_place_or_order(found, samples, located), effect)


def _place_or_order(found: Difference, samples: Samples, located: Located | None) -> str:
    """What decides which samples come: a draw of this very step, the place in an epoch, or what drew its order."""
    if located is not None and located.draws:
        return f"the state of {_generator(located)}"
    if not any(one is not None for step in (found.whole, found.resumed) if step for one in step.samples):
        return STREAM
    if samples.kind == "moved" and not (samples.fresh and not samples.lost and not samples.repeated):
        return POSITION
    return _shuffled(found, fresh=samples.fresh)


def _shuffled(found: Difference, *, fresh: bool) -> str:
    """What drew the order: a loader's own generator, or another whose state differs; else it was drawn before."""
    of_loader = [name for name in found.generators if name.startswith("torch.Generator of data loader")]
    if of_loader:
        return f"the state of {of_loader[0]}"
    if found.generators and fresh:
        return f"the state of {_names(found.generators)}"
    return ORDER


def _drawn(found: Difference, located: Located | None) -> str:
    """The generator behind other draws."""
    if located is not None and located.draws:
        return f"the state of {_generator(located)}"
    own = [name for name in found.generators if name not in GLOBAL]
    if own or found.generators:
        return f"the state of {_names(own or found.generators)}"
    workers = found.whole.workers if found.whole else 0
    return f"the state of {WORKERS}" if workers else NOT_SEEN


def _generator(located: Located) -> str:
    if located.own:
        return OWN_TORCH
    family = located.name.partition(".")[0]
    return GLOBAL.get({"random": "python"}.get(family, family), GLOBAL["torch"])


def _names(generators: Sequence[str]) -> str:
    return ", ".join(GLOBAL.get(name, name) for name in generators)


def _gradient_effect(located: Located | None) -> str:
    if located is not None and located.draws:
        return f"{located.name} draws otherwise"
    return "the same samples and weights give another loss or gradient"
