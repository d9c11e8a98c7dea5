"""
How the recorder gets into a program's children and stays out of the program's sight.

The host names a scratch folder in two variables: `PYTHONPATH`, where the recorder stands first, and one of the
recorder's own (`FOLDER:PARENT`). Both stay in the environment of the C library, from where children inherit them, and
leave `os.environ`, which the program reads. A child that is given an environment of its own gets them on the way.
"""

import os
import sys
from _thread import get_ident


class Carrier:
    """The two variables of one process. `here` is the folder on `PYTHONPATH` that holds this file."""

    def __init__(self, here, variable):
        self.here = here
        self.variable = variable
        self.replies, _, self.parent = os.environ[variable].rpartition(":")
        self.child_token = None
        """A function that names the next child, where each has a name of its own; else all have their parent's."""
        self._spawning = set()

    def is_spawning(self):
        """Whether a fork that this thread makes now is on its way to become another program (`preexec_fn`)."""
        return get_ident() in self._spawning

    def name_parent(self, token):
        """Tell the children whose they are."""
        self._content = self.replies + ":" + token
        os.putenv(self.variable, self._content)

    def hide(self):
        """Take both variables out of `os.environ`, where the program reads, and not out of the C environment."""
        remaining = [entry for entry in _entries() if entry != self.here]
        os.environ._data.pop(os.environ.encodekey(self.variable), None)
        key = os.environ.encodekey("PYTHONPATH")
        if remaining or os.path.exists(os.path.join(self.replies, "empty-pythonpath")):
            os.environ._data[key] = os.environ.encodevalue(os.pathsep.join(remaining))
        else:
            os.environ._data.pop(key, None)
        self._exported = os.environ.get("PYTHONPATH", "")

    def follow_children(self):
        """Put the variables into every environment that is made for a child."""
        self._wrap(os, "execve", 2)
        self._wrap(os, "posix_spawn", 2)
        self._wrap(os, "posix_spawnp", 2)
        self._wrap(__import__("_posixsubprocess"), "fork_exec", 5)
        subprocess = sys.modules.get("subprocess")  # only if a .pth file has imported it already
        if hasattr(subprocess, "_fork_exec"):
            subprocess._fork_exec = sys.modules["_posixsubprocess"].fork_exec

    def _wrap(self, module, name, place):
        """Replace a call by one that completes the environment at that place of its arguments."""
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
        """The call's arguments with an environment that carries the recorder; as they are if they are wrong."""
        try:
            if "env" in named:
                return arguments, dict(named, env=self._environment(named["env"]))
            return (*arguments[:place], self._environment(arguments[place]), *arguments[place + 1 :]), named
        except Exception:  # the original says it in its own words
            return arguments, named

    def _environment(self, given):
        """None (the C environment), a list of `NAME=VALUE` or a mapping: each with both variables."""
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
        """The variables with ours. One that names another scratch folder belongs to another audit and stays."""
        if os.fsencode(self.variable) in pairs:
            return pairs
        path = pairs.get(b"PYTHONPATH", b"")
        pairs[b"PYTHONPATH"] = os.fsencode(self.here) + (os.fsencode(os.pathsep) + path if path else b"")
        pairs[os.fsencode(self.variable)] = os.fsencode(self._content)
        return pairs

    def _export(self):
        """The program may have set PYTHONPATH for its children since: put the recorder before it again."""
        current = os.environ.get("PYTHONPATH", "")
        if current != self._exported:
            os.putenv("PYTHONPATH", self.here + (os.pathsep + current if current else ""))
            self._exported = current


def _entries():
    """The entries of PYTHONPATH as the program finds them."""
    content = os.environ.get("PYTHONPATH", "")
    return content.split(os.pathsep) if content else []
