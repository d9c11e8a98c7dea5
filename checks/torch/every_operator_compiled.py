"""
Compiled operators give what the eager ones give, up to rounding, with every gradient.

Why: a compiler takes operators apart and fuses them, and has dropped writes and changed formulas on the way
(pytorch#168126, pytorch#168186, pytorch#183122). Of torch's own catalogue the largest samples of some fifty operators
are compiled in a few graphs, forward and backward: those that compilers rewrite, and every family where races and
unwritten memory were found. Each side is compared with the same in float64; what is no float must have equal bits.

Remedy: do not compile the operator that the finding names (`torch.compiler.disable`), or compile with
`backend="aot_eager"`, and change the version of torch. Where the finding says `uninitialised`, distrust earlier results
of the compiled operator too.
"""

from __future__ import annotations

import warnings

from ..declare import Check
from . import _compiling, _opdb, _opdb_compiled, _state

CHECK = Check(
    severity="critical",
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
    return dict(found, conditions={"operators": len(pairs), "not compiled": refused})
