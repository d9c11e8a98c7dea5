"""Facts about folders of compiled kernels: cached kernels are neither compiled nor tuned again."""

from __future__ import annotations

import os
import re
import sys

from .. import fact
from ..declare import NotApplicable
from . import _distributions
from ._limits import probe

_AUTOTUNE = re.compile(r"--xla_gpu_per_fusion_autotune_cache_dir=(\S+)")
_TRITON = ("triton", "pytorch-triton", "pytorch-triton-rocm", "pytorch-triton-xpu")


def entries(folder, missing="no such folder"):
    """How many entries a folder has. Raises NotApplicable if there is none, Unknown for a remote store."""
    if "://" in folder:
        raise fact.Unknown("it is kept in a remote store, which the audit does not ask")
    if not os.path.isdir(folder):
        raise NotApplicable(missing)
    return len(os.listdir(folder))


def _usual(variable, *usual, of=""):
    """A reader of the folder that a variable names, else of the usual one below `$of` or the home folder."""

    def read():
        if os.environ.get(variable):
            return entries(os.environ[variable], "%s names a folder that does not exist" % variable)
        above = os.environ.get(of) if of else ""
        folder = os.path.join(above or os.path.expanduser("~"), *usual)
        shown = "/".join(("$" + of if above else "~", *usual))
        return entries(folder, "there is no %s, and %s names no other folder" % (shown, variable))

    return read


def _cuda():
    """Entries in the cache folder of CUDA's driver, unless caching is off."""
    if os.environ.get("CUDA_CACHE_DISABLE") == "1":
        raise NotApplicable("CUDA_CACHE_DISABLE=1: the driver caches nothing")
    return _usual("CUDA_CACHE_PATH", ".nv", "ComputeCache")()


def _extensions():
    """How many extensions PyTorch has built: in the variable's folder, else in the usual folders of this Python."""
    if os.environ.get("TORCH_EXTENSIONS_DIR"):
        return entries(os.environ["TORCH_EXTENSIONS_DIR"], "TORCH_EXTENSIONS_DIR names a folder that does not exist")
    root = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "torch_extensions")
    beginning = "py%d%d%s_" % (sys.version_info[0], sys.version_info[1], getattr(sys, "abiflags", ""))
    builds = [name for name in os.listdir(root) if name.startswith(beginning)] if os.path.isdir(root) else []
    if not builds:
        raise NotApplicable("PyTorch has built none for this Python, and TORCH_EXTENSIONS_DIR names no other folder")
    return sum(len(os.listdir(os.path.join(root, name))) for name in builds)


def _jax_folder():
    """JAX's cache folder: from its configuration if the program has imported JAX, else from the environment."""
    config = getattr(sys.modules.get("jax"), "config", None)
    if config is None:
        folder = os.environ.get("JAX_COMPILATION_CACHE_DIR")
        on = os.environ.get("JAX_ENABLE_COMPILATION_CACHE", "1").lower() not in ("0", "false", "f", "no", "n", "off")
    else:
        folder, on = config.jax_compilation_cache_dir, config.jax_enable_compilation_cache
    if not on:
        raise NotApplicable("jax_enable_compilation_cache is off: JAX keeps nothing")
    if not folder:
        raise NotApplicable("neither JAX_COMPILATION_CACHE_DIR nor jax.config names a folder: JAX keeps nothing")
    return folder


def _jax():
    """Entries in the folder of JAX's compiled programs."""
    return entries(_jax_folder(), "JAX's folder does not exist: nothing was compiled into it yet")


def _autotune():
    """Entries in the folder of XLA's tuned kernels on GPUs: the flag's, else the one beside JAX's programs."""
    found = _AUTOTUNE.search(os.environ.get("XLA_FLAGS", ""))
    if found is not None:
        return entries(found.group(1), "XLA_FLAGS names a folder that does not exist")
    try:
        folder = os.path.join(_jax_folder(), "xla_gpu_per_fusion_autotune_cache_dir")
    except NotApplicable:
        raise NotApplicable("XLA_FLAGS names no folder of tuned kernels, and JAX keeps none") from None
    return entries(folder, "XLA_FLAGS names no folder of tuned kernels, and JAX has none beside its programs")


def _triton():
    """`name==version` of the Triton that compiles for PyTorch."""
    installed = _distributions.installed()
    found = ["%s==%s" % (name, installed[name]["version"]) for name in _TRITON if name in installed]
    if not found:
        raise NotApplicable("no Triton is installed")
    return found[0]


PROBES = {
    "caches.triton.version": probe("software", "Triton's distribution and version", "dist-info", _triton),
    "caches.triton": probe(
        "volatile",
        "number of entries in Triton's cache of compiled kernels",
        "TRITON_CACHE_DIR",
        _usual("TRITON_CACHE_DIR", ".triton", "cache", of="TRITON_HOME"),
    ),
    "caches.cuda": probe(
        "volatile",
        "number of entries in the CUDA driver's cache of compiled kernels",
        "CUDA_CACHE_PATH",
        _cuda,
    ),
    "caches.torch_extensions": probe(
        "volatile",
        "number of extensions that PyTorch has built",
        "TORCH_EXTENSIONS_DIR",
        _extensions,
    ),
    "caches.jax": probe("volatile", "number of entries in JAX's compilation cache", "JAX_COMPILATION_CACHE_DIR", _jax),
    "caches.xla.autotune": probe("volatile", "number of entries in XLA's autotuning cache", "XLA_FLAGS", _autotune),
    "caches.miopen": probe(
        "volatile",
        "number of entries in MIOpen's tuning cache",
        "MIOPEN_USER_DB_PATH",
        _usual("MIOPEN_USER_DB_PATH", ".config", "miopen"),
    ),
}
KEYS = fact.keys(PROBES)


def collect(request):
    """Every fact about caches."""
    return fact.answers(PROBES)
