"""Numerical libraries that this process has mapped (/proc/self/maps), and the settings of their runtimes."""

from __future__ import annotations

import ctypes
import hashlib
import os
import re
import sys

from .. import fact
from ..fact import probe
from . import _distributions, _elf, _files, _record

MAPS = "/proc/self/maps"
_DELETED = " (deleted)"
_BLOCK_BYTES = 1 << 20
_QUICKLY_HASHED_BYTES = 1 << 25
"""A library that no RECORD describes is hashed up to this size: 24 MB take 20 ms."""

_STEMS = (
    *("[a-z_]*openblas", "blas", "cblas", "lapack", "flexiblas", "blis", "mkl", "dnnl", "mkldnn", "sleef", "fftw"),
    *("gomp", "iomp", "omp", "tbb", "gfortran", "quadmath", "jemalloc", "tcmalloc", "mimalloc"),
    *("cuda", "cublas", "cudnn", "cufft", "curand", "cusolver", "cusparse", "cutensor", "cupti", "nccl", "nvshmem"),
    *("nvjitlink", "nvrtc", "nvvm", "nvidia", "amdhip", "hip", "hsa", "roc", "miopen", "rccl", "tpu", "ze_", "sycl"),
    *("torch", "c10", "caffe2", "tensorflow", "jax", "xla", "pjrt", "triton", "onnxruntime"),
)
"""Prefixes of names of libraries that compute, move tensors, run threads or allocate memory."""
_WHOLE = ("m", "mvec", "c", r"stdc\+\+", r"c\+\+")
"""Whole names of libraries whose prefix is ambiguous."""
_NUMERICAL = re.compile(
    r"(lib(%s)[^/]*|lib(%s)|_lapack|_pywrap_tensorflow_internal)\.(so|so\..*)" % ("|".join(_STEMS), "|".join(_WHOLE)),
    re.IGNORECASE,
)
"""Excludes Python's extension modules and small bindings."""


def probes(framework):
    """The probes of a process's libraries, under a framework's name."""
    prefix = framework + ".libraries."
    return {
        prefix + "loaded": probe("software", "numerical libraries that the process has mapped", MAPS, loaded),
        prefix + "linked": probe(
            "software", "libraries that each mapped library is linked with (DT_NEEDED)", "ELF", _linked
        ),
        prefix + "paths": probe("identity", "paths of the mapped numerical libraries", MAPS, _paths),
        prefix + "runtimes": probe("machine", "BLAS and OpenMP runtimes: threads, core, build", "ctypes", runtimes),
    }


def loaded(request):
    """
    `{"library", "path", "version", "size", ...}` of each numerical library, sorted.

    `sha256_from` names the source of the `sha256`. `RECORD`: the wheel's digest, for a file that has kept its size
    and was not written since, at no cost. `file`: hashed here (small files, and all with `verify_files`). A large file
    that no RECORD describes has only the linker's `build_id`; without one, `identified_by` says that only its size is
    known.

    Paths inside the environment are relative, so that they are the same everywhere; `replaced` marks a
    file that was replaced on disk after the process mapped it.
    """
    paths, verify = _paths(), request.get("verify_files")
    present = [path for path in paths if not path.endswith(_DELETED)]
    stated = {} if verify else _record.stated(present, _distributions.metadata_folders())
    return [_described(path, verify, stated.get(path)) for path in paths]


def _paths(request=None):
    """Full paths of the numerical libraries, sorted by name."""
    found = [path for path in _mapped() if _NUMERICAL.fullmatch(_name(path))]
    return sorted(found, key=lambda path: (_name(path), path))


def _name(path):
    return os.path.basename(path).replace(_DELETED, "")


def _mapped():
    """Paths of all shared libraries in this process."""
    if sys.platform != "linux":
        raise fact.Unknown("only Linux shows a process its own mappings")
    paths = set()
    for line in _files.text(MAPS).splitlines():
        parts = line.split(None, 5)
        if len(parts) == 6 and ".so" in parts[5]:
            paths.add(parts[5])
    return paths


def _described(path, verify, stated):
    name = _name(path)
    one = {"library": name, "path": _portable_path(path), "version": name.partition(".so.")[2]}
    if path.endswith(_DELETED):
        return dict(one, replaced=True)
    one["size"] = os.path.getsize(path)
    build_id = _told(path)[0]
    if build_id:
        one["build_id"] = build_id
    if stated:
        one.update(sha256=stated, sha256_from="RECORD")
    elif verify or one["size"] <= _QUICKLY_HASHED_BYTES:
        one.update(sha256=_sha256(path), sha256_from="file")
    elif not build_id:
        one["identified_by"] = "size alone; --verify-files hashes it"
    return one


def _told(path):
    """Build-id and needed libraries of a file; empty if it is no 64-bit little-endian ELF file."""
    try:
        return _elf.described(path)
    except fact.Unknown:
        return "", []


def _linked(request=None):
    """Library to the names of the libraries that it needs."""
    return {_name(path): _told(path)[1] for path in _paths() if not path.endswith(_DELETED)}


def _portable_path(path):
    """The path relative to its folder of `sys.path`, the full path of a system library, else the bare name."""
    folders = [entry for entry in sys.path if entry and path.startswith(entry.rstrip("/") + "/")]
    for folder in (*sorted(folders, key=len, reverse=True), sys.prefix, sys.base_prefix):
        if path.startswith(folder.rstrip("/") + "/"):
            return os.path.relpath(path, folder)
    system = path.startswith(("/usr/lib", "/usr/local", "/lib", "/opt/"))
    return path if system else os.path.basename(path)


def _sha256(path):
    state = hashlib.sha256()
    with open(path, "rb") as handle:
        for block in iter(lambda: handle.read(_BLOCK_BYTES), b""):
            state.update(block)
    return state.hexdigest()


def runtimes(request=None):
    """
    `{"library", "kind", "threads", "core", "build"}` of each BLAS and OpenMP runtime that exports its calls.

    The calls are those that threadpoolctl uses. Only libraries that are already mapped are queried. Runtimes
    linked into a framework (MKL in torch, oneDNN, Eigen) export none; the framework's own facts cover them.
    """
    found = []
    for path in sorted(_mapped()):
        name = os.path.basename(path)
        for pattern, ask in _RUNTIMES:
            if re.search(pattern, name) and not path.endswith(_DELETED):
                found.append(dict(ask(ctypes.CDLL(path, mode=os.RTLD_NOLOAD | os.RTLD_NOW)), library=name))
    return found


def _openblas(library):
    """OpenBLAS, whose exported names have a prefix and a suffix in the wheels of NumPy and SciPy."""
    one = {"kind": "openblas"}
    for prefix in ("", "scipy_"):
        for suffix in ("", "64_", "_64"):
            call = getattr(library, "%sopenblas_get_num_threads%s" % (prefix, suffix), None)
            if call is not None:
                one["threads"] = call()
                one["core"] = _text(library, "%sopenblas_get_corename%s" % (prefix, suffix))
                one["build"] = _text(library, "%sopenblas_get_config%s" % (prefix, suffix))
    return one


def _openmp(library):
    return {"kind": "openmp", "threads": library.omp_get_max_threads()}


def _mkl(library):
    return {"kind": "mkl", "threads": library.MKL_Get_Max_Threads()}


def _blis(library):
    return {"kind": "blis", "threads": library.bli_thread_get_num_threads(), "core": _text(library, "bli_arch_string")}


def _text(library, name):
    call = getattr(library, name, None)
    if call is None:
        return ""
    call.restype = ctypes.c_char_p
    return (call() or b"").decode("utf-8", "replace").strip()


_RUNTIMES = (
    (r"openblas", _openblas),
    (r"^lib(gomp|iomp5|omp)\b", _openmp),
    (r"^libmkl_rt\b", _mkl),
    (r"^libblis\b", _blis),
)
