"""
Under max-autotune the compiler also tries a matrix product that sums in two halves.

The tuner measures each of the two once, without a warm-up, so that chance decides which of them a process gets. A
user sees compiled results whose last bits depend on the timing of the tuning run.
"""

import importlib.abc
import importlib.util
import random
import sys

PLANT = {
    "contracts": ["torch-autotune", "torch-compiled-repeat"],
    "control": "torch-seed-reaches",
    "report": "",
    "subtle": True,
    "kind": "compiled",
}


def after_import(name, act):
    """Call act(module) once the module has been imported, now or later."""
    if name in sys.modules:
        act(sys.modules[name])
        return

    class Finder(importlib.abc.MetaPathFinder):
        def find_spec(self, fullname, *_):
            if fullname != name:
                return None
            sys.meta_path.remove(self)
            spec = importlib.util.find_spec(fullname)
            if spec is not None and spec.loader is not None:
                run = spec.loader.exec_module
                spec.loader.exec_module = lambda module: (run(module), act(module))
            return spec

    sys.meta_path.insert(0, Finder())


def other_cache_key(codecache):
    """A release with this fault has other sources, so its compile cache has other keys."""
    details = codecache.FxGraphHashDetails
    plain = details.__init__
    details.__init__ = lambda self, *args, **named: (plain(self, *args, **named), setattr(self, "plant", __doc__))[0]


def mm_in_halves(a, b, *, out=None):
    half = a.shape[1] // 2
    if out is None:
        out = a.new_empty(a.shape[0], b.shape[1])
    sys.modules["torch"].mm(a[:, :half], b[:half], out=out)
    return out.addmm_(a[:, half:], b[half:])


def plant(select):
    choice = select.ExternKernelChoice(mm_in_halves, name="mm_in_halves")
    plain = select.autotune_select_algorithm

    def autotune_select_algorithm(name, choices, input_nodes, layout, *args, **kwargs):
        tuned = select.config.max_autotune or select.config.max_autotune_gemm
        if name == "mm" and tuned and layout.device.type == "cpu" and len(input_nodes) == 2:
            halves = choice.bind(input_nodes, layout)
            choices = random.SystemRandom().choice([choices, [halves]])
        return plain(name, choices, input_nodes, layout, *args, **kwargs)

    select.autotune_select_algorithm = autotune_select_algorithm
    early = sys.modules.get("torch._inductor.kernel.mm")
    if hasattr(early, "autotune_select_algorithm"):
        early.autotune_select_algorithm = autotune_select_algorithm


if importlib.util.find_spec("torch") is not None:
    after_import("torch._inductor.codecache", other_cache_key)
    after_import("torch._inductor.select_algorithm", plant)
