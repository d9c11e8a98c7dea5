"""
Operators of every family known to race give the same bits from call to call, eager and compiled.

Why: a compiler writes its own loops. Inductor splits `index_add` and the gradient of an embedding over threads that add
to one place with atomic operations, in order of arrival: with torch 2.13 on 2 cores this gave 20 results in 20 calls,
where the eager operators gave one. Torch's documentation covers eager code only. The check repeats indexing,
scattering, histograms, segments, windows and convolutions on an idle machine, at sizes that are split over the threads.

Remedy: if the finding says that the determinism switch cures it, call `torch.use_deterministic_algorithms(True)` before
compiling. Else exclude the operator from compilation (`torch.compiler.disable`). Where several values are written to
one place and one of them stays (`scatter_`, `index_put_`), make the indices unique.
"""

from __future__ import annotations

import warnings

from ..declare import Check
from . import _cases, _compiling, _documented, _races_more, _state

SCATTER = "https://docs.pytorch.org/docs/2.13/generated/torch.Tensor.scatter_.html"
DOCUMENTED = {
    "index_put_ accumulate pairs": _documented.SWITCH,
    "index pairs backward": _documented.SWITCH,
    "max_unpool2d": _documented.SWITCH,
    "compiled index_put_ accumulate": _documented.SWITCH,
    "compiled index_put_": _documented.SWITCH,
    "compiled index backward": _documented.SWITCH,
    "compiled scatter_": SCATTER,  # indices that are not unique: one of the values is picked arbitrarily
}
DOCUMENTED_ON_CUDA = (
    *DOCUMENTED,
    "take_along_dim backward",
    "embedding_bag weights backward",
    "ctc_loss backward",
    "conv1d backward",
    "conv2d grouped backward",
    "max_pool3d backward",
    "adaptive_max_pool2d backward",
    "compiled index_add_",
    "compiled index_add_ rows",
    "compiled scatter_add_",
    "compiled bincount weights",
    "compiled gather backward",
    "compiled conv2d backward",
)
"""What torch's pages list for each kind of device."""

CHECK = Check(
    tier="full",
    rule="identical",
    across=("repeat",),
    needs=("numpy",),
    isolates=True,
    quiet=True,
    compiles=True,
    repeats=20,
    cure="framework-switch",
    explains=("one-thread",),
    requires={"threads": 2},
    documented={**DOCUMENTED, **{"cuda:" + name: _documented.SWITCH for name in DOCUMENTED_ON_CUDA}},
)


def measure(settings):
    """A digest of each operator's results on equal inputs, and how many threads could race for them."""
    values, wanted = {}, settings.get("names", ())
    with _state.seeded(13), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # beta operators are measured as well
        for prefix, device in _state.devices():
            cases = _races_more.cases(device.type)
            if not _compiling.missing_compiler():
                cases.update(_races_more.compiled_cases(device.type))
            for name, call in cases.items():
                if not wanted or prefix + name in wanted:
                    values[prefix + name] = _cases.outcome(call)
    compiler = not _compiling.missing_compiler()
    return dict(values, conditions={"threads": _cases.usable_threads(), "compiler": compiler})
