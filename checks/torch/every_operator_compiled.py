"""
Compiled operators agree with the eager ones up to rounding, with every gradient.

Why: a compiler decomposes and fuses operators, and has dropped writes and changed formulas in doing so (pytorch#168126,
pytorch#168186, pytorch#183122). The check compiles the largest samples of some fifty operators of torch's test
catalogue in a few graphs, forward and backward: operators that compilers rewrite, and every family in which races and
unwritten memory were found. It compares each side with float64. Results that are not floating-point must have equal
bits. Further graphs leave no room for rounding: NaN, infinities, zeros and denormals through some eighty operators and
chains of two, and sums of integers beside powers of two. In one graph a transpose follows each of fifteen operators, so
that their incoming gradients are not contiguous.

Remedy: exclude the operator that the finding names from compilation (`torch.compiler.disable`). Or compile with
`backend="aot_eager"`, and try another version of torch. Where the finding says `uninitialised`, also distrust earlier
results of the compiled operator.
"""

from __future__ import annotations

import warnings

from ..declare import Check
from . import _compiled_turned, _compiled_values, _compiling, _opdb, _opdb_compiled, _state

CHECK = Check(
    tier="full",
    rule="within",
    needs=("numpy",),
    isolates=True,
    compiles=True,
    explains=("memory-fill",),
    under={"hash-seed": "0"},
)


def measure(settings):
    """The agreement of eager and compiled, with float64 as reference, for each result and gradient."""
    _compiling.refuse_without_compiler()
    refused, found = {}, {}
    with _state.seeded(37), _opdb.environment_kept(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated operators are measured as well
        pairs = _opdb_compiled.chosen(settings.get("names", ()))
        for start in range(0, len(pairs), _opdb_compiled.AT_ONCE):
            with _compiling.fresh_tracing():
                found.update(_opdb_compiled.readings(pairs[start : start + _opdb_compiled.AT_ONCE], refused))
    with _compiling.fresh_tracing():
        names = settings.get("names", ())
        found.update(_compiled_values.readings(names))
        if not names or any(name.startswith(_compiled_turned.PREFIX) for name in names):
            found.update(_compiled_turned.readings())
    return dict(found, conditions={"operators": len(pairs), "not compiled": refused})
