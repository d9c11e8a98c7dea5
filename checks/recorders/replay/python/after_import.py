"""Calls of ours when the program has imported a module: the module is the program's to import, never ours."""

from __future__ import annotations

import sys


class Finder:
    """First on `sys.meta_path`; finds nothing itself, and watches the modules that are waited for."""

    def __init__(self, problem):
        self._waiting, self._problem = {}, problem

    def when_imported(self, name, call):
        """Call `call(module)` once the module has been executed; at once, if that is behind us."""
        module = sys.modules.get(name)
        if module is not None:
            self.tell(module, [call])
        else:
            self._waiting.setdefault(name, []).append(call)

    def find_spec(self, name, path=None, target=None):
        """None for everything but what is waited for, whose own spec is found by all others, and its loader wrapped."""
        calls = self._waiting.pop(name, None)
        if calls is None:
            return None
        spec = None
        for finder in sys.meta_path:
            if finder is not self and hasattr(finder, "find_spec"):
                spec = finder.find_spec(name, path, target)
                if spec is not None:
                    break
        if spec is None or spec.loader is None or not hasattr(spec.loader, "exec_module"):
            self._waiting[name] = calls
            return spec
        spec.loader = _Loader(spec.loader, lambda module: self.tell(module, calls))
        return spec

    def tell(self, module, calls):
        """The calls; what goes wrong in one is no matter of the program's, nor of the others."""
        for call in calls:
            try:
                call(module)
            except Exception as error:
                self._problem(error)


class _Loader:
    """The module's own loader, and our calls after it."""

    def __init__(self, loader, then):
        self._loader, self._then = loader, then

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._then(module)

    def __getattr__(self, name):
        return getattr(self._loader, name)


def installed(problem):
    """A finder that watches from now on; `problem` is told what goes wrong in a call."""
    finder = Finder(problem)
    sys.meta_path.insert(0, finder)
    return finder
