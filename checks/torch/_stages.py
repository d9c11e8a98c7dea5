"""The stages of one compilation with Inductor, as texts without addresses, paths or counters of the process."""

from __future__ import annotations

import re

from ..fingerprint import digest

ADDRESS = re.compile(r" at 0x[0-9a-f]+")
PATH = re.compile(r"(?<![\w.])/[\w./+-]{3,}")
KERNEL = re.compile(r"async_compile\.\w+\((.*?)r?'''(.*?)'''", re.DOTALL)


class Recorder:
    """Compiles with Inductor and keeps the output of each stage, whether cached or new."""

    def __init__(self):
        self._graphs, self._codes = [], []

    def compile(self, model):
        """The compiled model; the first call traces it and keeps the graph."""
        import torch

        return torch.compile(model, backend=self._backend, fullgraph=True, dynamic=False)

    def _backend(self, graph, inputs):
        from torch._inductor.compile_fx import compile_fx

        self._graphs.append(ADDRESS.sub("", str(graph.graph)))
        return compile_fx(graph, inputs)

    def first_run(self, step):
        """The result of `step()`, whose forward and backward runs compile both; their code is kept."""
        from torch._inductor.utils import run_and_get_code

        found, self._codes = run_and_get_code(step)
        return found

    def stages(self):
        """Name and digest of each stage before the result."""
        from torch._inductor import cpu_vec_isa

        kernels = [KERNEL.findall(code) for code in self._codes]
        programs = [_program(KERNEL.sub("", code)) for code in self._codes]
        sources = [PATH.sub("", arguments + source) for found in kernels for arguments, source in found]
        return [
            ["traced", digest(self._graphs)],
            ["optimised", digest(programs)],
            ["kernels", digest([*sources, str(cpu_vec_isa.pick_vec_isa())])],
        ]


def _program(code):
    """The wrapper that calls the kernels, without comments: these hold paths and the process's graph counter."""
    lines = [line for line in code.splitlines() if not line.lstrip().startswith("#")]
    return PATH.sub("", "\n".join(lines))
