"""What is learnt of a divergence after its origin and its cause: distances, the line that made it, its generator."""

from __future__ import annotations

from .cause.interventions import Hypothesis
from .evidence.distances import OutputDistances
from .model import Divergence, Line
from .provenance.origin_model import Origin
from .trace.format import SourceLine


def measured(divergence: Divergence, distances: OutputDistances) -> Divergence:
    """The same, with how far its outputs differ."""
    return divergence.model_copy(update={"max_ulp": distances.max_ulp, "outputs": list(distances.outputs)})


def traced_back(divergence: Divergence, made: SourceLine) -> Divergence:
    """
    The same, at the statement that made the differing value; its old line becomes where the value enters.

    The caller that was recorded is the old line's.
    """
    enters = divergence.source if divergence.source != Line.of(made) else None
    return divergence.model_copy(update={"source": Line.of(made), "enters": enters, "called_from": None})


def taken_inside(divergence: Divergence, origin: Origin, proven: Hypothesis | None) -> Divergence:
    """
    The same with the function of a library that took entropy, if fixed entropy is proven to remove the difference.

    If entropy was taken at the line itself, or by one call of the program alone, that call is where it began.
    """
    if proven is None or proven.factor != "entropy" or divergence.source is None:
        return divergence
    taken = [one for one in origin.before if one.inside]
    place = divergence.source.file, divergence.source.line
    here = [one for one in taken if (one.source.file, one.source.line) == place]
    if here:
        return divergence.model_copy(update={"inside": here[0].inside})
    own = origin.generator is not None or divergence.enters is not None or not taken
    if own or any(not one.source.same_line(taken[0].source) for one in taken):
        return divergence  # it began in a draw or a statement that is known, or there are several such calls
    return traced_back(divergence, taken[0].source).model_copy(update={"inside": taken[0].inside})


def with_generator(divergence: Divergence, origin: Origin, proven: Hypothesis | None) -> Divergence:
    """The same with the generator that was made at its line without a seed, if fixed entropy is proven to be a cure."""
    if proven is None or proven.factor != "entropy" or divergence.generator is not None or divergence.source is None:
        return divergence
    place = divergence.source.file, divergence.source.line
    made = next((one for one in origin.before if one.makes and (one.source.file, one.source.line) == place), None)
    return divergence.model_copy(update={"generator": made.makes, "seeded": False}) if made else divergence
