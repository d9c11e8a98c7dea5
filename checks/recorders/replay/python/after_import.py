"""Calls functions when the program has imported a module. The recorder itself never imports a framework."""

from __future__ import annotations

import sys


class Finder:
    """First on `sys.meta_path`: wraps the loaders of awaited modules, and finds no module itself."""

    def __init__(self, problem):
        self._waiting, self._problem = {}, problem
        self._asked = set()
        """Names that the other finders are asked for, which may ask in turn."""

    def when_imported(self, name, call):
        """Call `call(module)` once the module has been executed; at once if it is imported already."""
        module = sys.modules.get(name)
        if module is not None:
            self.tell(module, [call])
        else:
            self._waiting.setdefault(name, []).append(call)

    def find_spec(self, name, path=None, target=None):
        """
        The spec of an awaited module by the other finders, with a wrapped loader; None for other modules.

        The module stays awaited until it is executed: libraries ask for specs to know whether a module is there.
        """
        if name not in self._waiting or name in self._asked:
            return None
        self._asked.add(name)
        try:
            spec = self._found(name, path, target)
        finally:
            self._asked.discard(name)
        if spec is not None and spec.loader is not None and hasattr(spec.loader, "exec_module"):
            spec.loader = _Loader(spec.loader, lambda module: self.tell(module, self._waiting.pop(name, ())))
        return spec

    def _found(self, name, path, target):
        for finder in sys.meta_path:
            if finder is not self and hasattr(finder, "find_spec"):
                spec = finder.find_spec(name, path, target)
                if spec is not None:
                    return spec
        return None

    def tell(self, module, calls):
        """Make the calls. An error of one is reported, and affects neither the program nor the other calls."""
        for call in calls:
            try:
                call(module)
            except Exception as error:
                self._problem(error)


class _Loader:
    """The module's own loader, followed by the calls."""

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
    """A finder that is installed; `problem` is called with the errors of its calls."""
    finder = Finder(problem)
    sys.meta_path.insert(0, finder)
    return finder
