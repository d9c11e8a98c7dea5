"""Facts about compilers on the PATH: Inductor, Triton and extensions call them, so they affect compiled results."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import subprocess

from .. import fact
from ..declare import NotApplicable
from ..fact import probe

TIME_LIMIT_SECONDS = 5
"""Printing a compiler's version takes milliseconds; a wrapper on a network drive may hang."""

_PROGRAMS = {
    "gcc": "gcc",
    "gxx": "g++",
    "clang": "clang",
    "clangxx": "clang++",
    "ld": "ld",
    "cmake": "cmake",
    "ninja": "ninja",
    "nvcc": "nvcc",
    "hipcc": "hipcc",
}


@functools.lru_cache(maxsize=None)
def _started(path):
    """`PATH --version`, started without waiting: all compilers run at the same time."""
    return subprocess.Popen(
        [path, "--version"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(os.environ, LC_ALL="C"),
    )


@functools.lru_cache(maxsize=None)
def _said(path):
    """(exit code, output) of `PATH --version`; (None, None) after a time-out."""
    child = _started(path)
    try:
        printed, _ = child.communicate(timeout=TIME_LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        return None, None
    return child.returncode, printed.decode("utf-8", "replace")


def first_line(program):
    """The first line of `program --version` that contains a release number."""
    path = shutil.which(program)
    if path is None:
        raise NotApplicable("%s is not on the PATH" % program)
    code, printed = _said(path)
    if printed is None:
        raise fact.Unknown("%s --version took longer than %d s" % (program, TIME_LIMIT_SECONDS))
    numbered = [line.strip() for line in printed.splitlines() if any(letter.isdigit() for letter in line)]
    if not numbered or code != 0:
        raise fact.Unknown("%s --version names no release (exit code %d)" % (program, code))
    return numbered[-1] if program == "nvcc" else numbered[0]


def _chosen(variable, usual):
    """The compiler that builds use: the variable's first word, else the usual name."""

    def read():
        words = os.environ.get(variable, "").split()
        return first_line(words[0] if words else usual)

    return read


PROBES = {
    "compilers." + name: probe("software", "release of " + program, program + " --version", _chosen("", program))
    for name, program in _PROGRAMS.items()
}
PROBES["compilers.c"] = probe("software", "C compiler of builds", "$CC or cc", _chosen("CC", "cc"))
PROBES["compilers.cxx"] = probe(
    "software", "C++ compiler of builds and of Inductor", "$CXX or g++", _chosen("CXX", "g++")
)
KEYS = fact.keys(PROBES)


def collect(request):
    """The release of every compiler."""
    for path in filter(None, map(shutil.which, _PROGRAMS.values())):
        with contextlib.suppress(OSError):  # that compiler's probe meets the error again and reports it
            _started(path)
    return fact.answers(PROBES)
