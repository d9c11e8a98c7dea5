"""
Sets of strings iterate in the same order in every process.

Why: the order of a set of strings depends on a hash seed that Python chooses anew for every process. A vocabulary, a
list of files or a parameter order built from a set then differs in every run, whatever seeds are set (keras#2280,
gensim#243, spaCy PR#7603).

Remedy: export `PYTHONHASHSEED=0` in the job that launches training; inside the program it is too late. Better, sort the
elements of a set before use.
"""

from __future__ import annotations

from ..declare import Check

CHECK = Check(
    tier="quick",
    rule="identical",
    across=("process",),
    cure="hash-seed",
    documented={"*": "https://docs.python.org/3/using/cmdline.html#envvar-PYTHONHASHSEED"},
    remedy_env={"PYTHONHASHSEED": "0"},
)


def measure(settings):
    """The order of a set of 64 strings (with five, two hash seeds give the same order once in 120 times)."""
    return {"order": list({"word-%d" % number for number in range(64)})}
