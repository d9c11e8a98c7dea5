"""
A compiled training step gives the same bits in a fresh process, with a cold compile cache and after new autotuning.

Why: every fresh process or machine traces, optimises and compiles the program again, and each of these stages has
produced different programs under equal conditions (pytorch PR#164904). Or the program is the same and has a race:
Inductor decomposes the backward of an embedding into `index_put` with accumulate, whose threads add with atomic
operations in order of arrival, although the eager operator repeats. The finding names the stage.

Remedy: where only `result` differs, call `torch.use_deterministic_algorithms(True)` before compiling. Inductor then
uses the ordered operator. Where an earlier stage differs, ship one compile cache to all machines
(`TORCHINDUCTOR_CACHE_DIR`, `torch.compiler.save_cache_artifacts`), and turn autotuning off.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest
from . import _compiling, _stages, _state

CHECK = Check(
    tier="full",
    rule="staged",
    across=("process", "compile-cache", "autotune"),
    needs=("numpy",),
    under={"compile-cache": "own"},
    cure="framework-switch",
)
CALLS = 5
"""Runs whose results make one digest: a race in any of them changes it."""


def measure(settings):
    """For each group of tensors: digests of the traced graph, the optimised program, the kernels and the results."""
    values = {}
    for prefix, device in _state.devices():
        if device.type == "cpu":
            _compiling.refuse_without_compiler()
        for name, stages in _stages_on(device).items():
            values[prefix + name] = {"stages": stages}
    return values


def _stages_on(device):
    import torch

    with _compiling.fresh_tracing(), torch.random.fork_rng():
        step, recorder = _compiling.TrainingStep(device, _compiling.tagger), _stages.Recorder()
        compiled = recorder.compile(step.model)
        runs = [recorder.first_run(lambda: step.run(compiled))]
        runs += [step.run(compiled) for _ in range(CALLS - 1)]
        before = recorder.stages()
    groups = {}
    for name in runs[0]:
        groups.setdefault(_group(name), []).append([run[name] for run in runs])
    return {group: [*before, ["result", digest(tensors)]] for group, tensors in groups.items()}


def _group(name):
    """The embedding's gradient is its own group: threads race in the scatter of its backward run."""
    if "embedding" in name:
        return "gradient of the embedding"
    return "gradients of other layers" if name.startswith("gradient") else "output and loss"
