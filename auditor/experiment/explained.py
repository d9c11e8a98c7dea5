"""What the findings about a program claim, why it matters, and how it is measured: `auditor explain` prints it."""

from __future__ import annotations

from ..manifest import program

TITLES = {
    program.OPERATORS: "The operators that the program calls repeat on this machine, with inputs of the same kind.",
    program.SEEDS: "The program seeds every generator that it draws from.",
}
_OPERATORS = """\
Why: an operator whose threads add to one place, or that reads memory that nobody wrote, gives other bits in the next
run, whatever is seeded. Whether one does depends on its dtype, shape and arguments, so that a list of operators tells
little about a program.

Remedy: call `torch.use_deterministic_algorithms(True)` where the finding says that it was measured to cure the
operator. Replace the others at the line that it names.

Measured: after `auditor audit -- COMMAND` has run the program once, each operator of torch that it called is called
again in fresh processes, with inputs of the same dtype, shape, strides and statistics: as the program calls it, with
one thread, with eight unless the program has one, and with fresh memory filled with three values; those of families
that are known to race also under the switch. Operators of TensorFlow and JAX, and those inside compiled regions, are
not called again.

Severity of a failure: high; medium where only the number of threads moves the bits. It counts for the exit code."""
_SEEDS = """\
Why: a draw from a generator without a seed is another one in the next run. A seed that is set after the first draw, or
of another generator, does not help.

Remedy: the lines that the summary prints to paste, before the first draw. A generator that the program makes itself
needs a seed where it is made: `numpy.random.default_rng(0)`, `random.Random(0)`.

Measured: the recorder of `auditor audit -- COMMAND` sees draws from the generators of Python, NumPy, torch and
TensorFlow, and whether each was seeded before. JAX has none: its keys are values of the program.

Severity of a failure: high. It counts for the exit code."""
TEXTS = {program.OPERATORS: _OPERATORS.split("\n\n"), program.SEEDS: _SEEDS.split("\n\n")}
"""Finding to its paragraphs."""
