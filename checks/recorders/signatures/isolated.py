"""Notes children that cannot be recorded: a Python that is told to ignore PYTHONPATH or its start-up files."""

from __future__ import annotations

import functools
import os
import re
import sys

PYTHON = re.compile(r"python[0-9.]*")
IGNORING = frozenset("IES")
"""Switches of Python: isolated, without environment variables, without `site`."""
WITH_VALUE = frozenset("cmWX")
"""Switches that take a value; what follows `-c` and `-m` are the program's own arguments."""


def follow(table):
    """Wrap the function by which `subprocess` and `multiprocessing` start programs."""
    module = __import__("_posixsubprocess")
    plain = module.fork_exec

    @functools.wraps(plain)
    def fork_exec(*arguments, **named):
        try:
            if arguments and is_isolated(arguments[0]):
                table.note("a child `%s` could not be recorded: it ignores start-up files" % _shown(arguments[0]))
        except Exception as problem:
            table.problem(problem)
        return plain(*arguments, **named)

    module.fork_exec = fork_exec
    subprocess = sys.modules.get("subprocess")
    if hasattr(subprocess, "_fork_exec"):
        subprocess._fork_exec = fork_exec


def is_isolated(arguments):
    """Whether these arguments start a Python that the recorder cannot enter."""
    words = [os.fsdecode(one) for one in arguments]
    if not words or not PYTHON.fullmatch(os.path.basename(words[0])):
        return False
    for word in words[1:]:
        if not word.startswith("-") or word.startswith("--") or word == "-":
            return False
        for letter in word[1:]:
            if letter in IGNORING:
                return True
            if letter in WITH_VALUE:
                if letter in "cm" or word.endswith(letter):
                    return False
                break
    return False


def _shown(arguments):
    return " ".join(os.fsdecode(one) for one in list(arguments)[:3])[:80]
