"""
Passes the recorder on to child processes and hides its environment variables from the program.

The host sets two variables: `PYTHONPATH`, which begins with the recorder's folder, and one of the recorder's own
(`SCRATCH_FOLDER:PARENT`). Both are removed from `os.environ`, which the program reads, and stay in the environment of
the C library, which children inherit. They are added to an environment that the program passes to a child.

A recorder that needs the payload begins with `begin_session`.
"""

import os
import sys
from _thread import get_ident


def begin_session(here, variable, recorder):
    """
    Record this process: calls `begin` of the module `session` beside the file `recorder`, with the host's request.

    The payload is loaded under its private name, as `__main__.py` does.
    """
    import json

    carrier = Carrier(here, variable)
    with open(os.path.join(carrier.replies, "request.json"), encoding="utf-8") as handle:
        request = json.load(handle)
    folder = os.path.dirname(os.path.realpath(recorder))
    _session(folder, request.get("bytecode")).begin(carrier, request)


def _session(folder, bytecode):
    """The module `session` of the recorder in this folder; bytecode goes to the host's scratch folder."""
    import importlib.util

    checks = os.path.dirname(os.path.dirname(folder))
    before = sys.dont_write_bytecode, sys.pycache_prefix
    sys.dont_write_bytecode, sys.pycache_prefix = not bytecode, bytecode
    try:
        spec = importlib.util.spec_from_file_location("_auditor_entry", os.path.join(checks, "__main__.py"))
        entry = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(entry)
        entry._load_payload(checks)
        return importlib.import_module("_auditor_checks.recorders.%s.session" % os.path.basename(folder))
    finally:
        sys.dont_write_bytecode, sys.pycache_prefix = before


class Carrier:
    """The two variables of one process. `here` is the folder on `PYTHONPATH` that holds this file."""

    def __init__(self, here, variable):
        self.here = here
        self.variable = variable
        self.replies, _, self.parent = os.environ[variable].rpartition(":")
        self.child_token = None
        """Returns the name of the next child; None if all children are given their parent's name."""
        self._spawning = set()

    def is_spawning(self):
        """Whether this thread forks in order to execute another program (a child with a `preexec_fn`)."""
        return get_ident() in self._spawning

    def name_parent(self, token):
        """Set the name that children read as their parent's."""
        self._content = self.replies + ":" + token
        os.putenv(self.variable, self._content)

    def hide(self):
        """Remove both variables from `os.environ`, and keep them in the environment of the C library."""
        remaining = [entry for entry in _entries() if entry != self.here]
        os.environ._data.pop(os.environ.encodekey(self.variable), None)
        key = os.environ.encodekey("PYTHONPATH")
        if remaining or os.path.exists(os.path.join(self.replies, "empty-pythonpath")):
            os.environ._data[key] = os.environ.encodevalue(os.pathsep.join(remaining))
        else:
            os.environ._data.pop(key, None)
        self._exported = os.environ.get("PYTHONPATH", "")

    def follow_children(self):
        """Wrap every call that starts a program, so that its environment carries both variables."""
        self._wrap(os, "execve", 2)
        self._wrap(os, "posix_spawn", 2)
        self._wrap(os, "posix_spawnp", 2)
        self._wrap(__import__("_posixsubprocess"), "fork_exec", 5)
        subprocess = sys.modules.get("subprocess")  # None unless a .pth file has imported it already
        if hasattr(subprocess, "_fork_exec"):
            subprocess._fork_exec = sys.modules["_posixsubprocess"].fork_exec

    def _wrap(self, module, name, place):
        """Wrap a function whose argument at index `place` is an environment, which is completed."""
        original = getattr(module, name, None)
        if original is None:
            return

        def call(*arguments, **named):
            arguments, named = self._complete(arguments, named, place)
            self._spawning.add(get_ident())
            try:
                return original(*arguments, **named)
            finally:
                self._spawning.discard(get_ident())

        call.__name__ = call.__qualname__ = name
        call.__doc__ = original.__doc__
        setattr(module, name, call)

    def _complete(self, arguments, named, place):
        """The arguments with a completed environment; unchanged if they are invalid."""
        try:
            if "env" in named:
                return arguments, dict(named, env=self._environment(named["env"]))
            return (*arguments[:place], self._environment(arguments[place]), *arguments[place + 1 :]), named
        except Exception:  # the original function raises the program's error
            return arguments, named

    def _environment(self, given):
        """`given` with both variables; it is None (the C environment), a list of `NAME=VALUE` or a mapping."""
        if self.child_token is not None:
            self.name_parent(self.child_token())
        if given is None:
            self._export()
            return None
        if isinstance(given, (list, tuple)):
            pairs = dict(entry.partition(b"=")[::2] for entry in given)
            return [name + b"=" + content for name, content in self._carrying(pairs).items()]
        return self._carrying({os.fsencode(name): os.fsencode(content) for name, content in dict(given).items()})

    def _carrying(self, pairs):
        """The variables with both of the recorder. If its own is set already, another audit set it: no change."""
        if os.fsencode(self.variable) in pairs:
            return pairs
        path = pairs.get(b"PYTHONPATH", b"")
        pairs[b"PYTHONPATH"] = os.fsencode(self.here) + (os.fsencode(os.pathsep) + path if path else b"")
        pairs[os.fsencode(self.variable)] = os.fsencode(self._content)
        return pairs

    def _export(self):
        """Put the recorder first on PYTHONPATH again, if the program has set PYTHONPATH for its children since."""
        current = os.environ.get("PYTHONPATH", "")
        if current != self._exported:
            os.putenv("PYTHONPATH", self.here + (os.pathsep + current if current else ""))
            self._exported = current


def _entries():
    """The entries of PYTHONPATH in `os.environ`."""
    content = os.environ.get("PYTHONPATH", "")
    return content.split(os.pathsep) if content else []
