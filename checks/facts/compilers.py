"""Facts about compilers on the PATH: Inductor, Triton and extensions call them, and so they decide compiled bits."""

from __future__ import annotations

import os
import shutil
import subprocess

from .. import fact
from ..declare import NotApplicable
from ..fact import probe

TIME_LIMIT_SECONDS = 5
"""A compiler's own version takes milliseconds; a wrapper on a network drive may hang."""

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


def first_line(program):
    """The first line that names a release in what `program --version` prints."""
    path = shutil.which(program)
    if path is None:
        raise NotApplicable("%s is not on the PATH" % program)
    try:
        ended = subprocess.run(
            [path, "--version"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIME_LIMIT_SECONDS,
            check=False,
            env=dict(os.environ, LC_ALL="C"),
        )
    except subprocess.TimeoutExpired:
        raise fact.Unknown("%s --version took longer than %d s" % (program, TIME_LIMIT_SECONDS)) from None
    lines = ended.stdout.decode("utf-8", "replace").splitlines()
    numbered = [line.strip() for line in lines if any(letter.isdigit() for letter in line)]
    if not numbered or ended.returncode != 0:
        raise fact.Unknown("%s --version names no release (exit code %d)" % (program, ended.returncode))
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
    return fact.answers(PROBES)
