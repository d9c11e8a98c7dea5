"""Facts about folders of compiled kernels: what lies there is not compiled, and not tuned, again."""

from __future__ import annotations

import os
import re

from .. import fact
from ..declare import NotApplicable
from . import _distributions
from ._limits import probe

_AUTOTUNE = re.compile(r"--xla_gpu_per_fusion_autotune_cache_dir=(\S+)")
_TRITON = ("triton", "pytorch-triton", "pytorch-triton-rocm", "pytorch-triton-xpu")


def entries(folder):
    """How many entries a folder has. Raises NotApplicable when there is none."""
    if not os.path.isdir(folder):
        raise NotApplicable("no such folder")
    return len(os.listdir(folder))


def _usual(variable, *usual):
    """A reader of the folder that a variable names, else of the usual one in the home folder."""

    def read():
        home = os.path.expanduser("~")
        return entries(os.environ.get(variable) or os.path.join(home, *usual))

    return read


def _named(variable, product):
    """A reader of the folder that a variable names; without the variable there is no cache."""

    def read():
        if not os.environ.get(variable):
            raise NotApplicable("%s names no folder, so %s keeps nothing" % (variable, product))
        return entries(os.environ[variable])

    return read


def _autotune():
    """The folder of XLA's tuned kernels on GPUs."""
    found = _AUTOTUNE.search(os.environ.get("XLA_FLAGS", ""))
    if found is None:
        raise NotApplicable("XLA_FLAGS names no folder of tuned kernels")
    return entries(found.group(1))


def _triton():
    """`name==version` of the Triton that compiles for PyTorch."""
    installed = _distributions.installed()
    found = ["%s==%s" % (name, installed[name]["version"]) for name in _TRITON if name in installed]
    if not found:
        raise NotApplicable("no Triton is installed")
    return found[0]


PROBES = {
    "caches.triton.version": probe("software", "Triton", "dist-info", _triton),
    "caches.triton": probe(
        "volatile", "compiled kernels of Triton", "TRITON_CACHE_DIR", _usual("TRITON_CACHE_DIR", ".triton", "cache")
    ),
    "caches.cuda": probe(
        "volatile",
        "compiled kernels of CUDA's driver",
        "CUDA_CACHE_PATH",
        _usual("CUDA_CACHE_PATH", ".nv", "ComputeCache"),
    ),
    "caches.torch_extensions": probe(
        "volatile",
        "built extensions",
        "TORCH_EXTENSIONS_DIR",
        _usual("TORCH_EXTENSIONS_DIR", ".cache", "torch_extensions"),
    ),
    "caches.jax": probe(
        "volatile", "compiled programs of JAX", "JAX_COMPILATION_CACHE_DIR", _named("JAX_COMPILATION_CACHE_DIR", "JAX")
    ),
    "caches.xla.autotune": probe("volatile", "tuned kernels of XLA", "XLA_FLAGS", _autotune),
    "caches.miopen": probe(
        "volatile", "tuned kernels of MIOpen", "MIOPEN_USER_DB_PATH", _usual("MIOPEN_USER_DB_PATH", ".config", "miopen")
    ),
}
KEYS = fact.keys(PROBES)


def collect(request):
    """Every fact of the caches."""
    return fact.answers(PROBES)
