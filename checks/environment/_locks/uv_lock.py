"""uv.lock (https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile): a graph that starts at the project."""

from __future__ import annotations

import os

from . import markers, toml
from .model import Lock, Locked, Unreadable, commit, long_text, name, table, tables, text, texts

_LOCAL = ("virtual", "editable", "directory")
"""Sources without a fixed version: what is installed is what the folder holds."""


def read(content, place):
    """The packages that the project needs, and those that its extras and groups may add. Raises Unreadable."""
    document = toml.load(content)
    if document.get("version") != 1:
        raise Unreadable("its format has the version %r, and only 1 is known" % (document.get("version"),))
    graph = _Graph(document)
    required = graph.reached(_roots(graph, place), strictly=True)
    possible = graph.reached(graph.members | set(range(len(graph.packages))) - graph.targets, strictly=False)
    packages = [graph.locked(one, one in required - graph.members) for one in sorted(required | possible)]
    return Lock(tuple(packages), requires_python=text(document.get("requires-python"), "requires-python"))


class _Graph:
    """The packages and their dependencies; a package is its place in the file."""

    def __init__(self, document):
        self.packages = tables(document.get("package"), "package")
        self.names = [name(one.get("name")) for one in self.packages]
        self._by_name = {}
        for number, one in enumerate(self.names):
            self._by_name.setdefault(one, []).append(number)
        manifest = table(document.get("manifest"), "manifest")
        listed = {name(one) for one in texts(manifest.get("members"), "members")}
        self.members = {number for number, one in enumerate(self.names) if one in listed or self.folder(number) == "."}
        self.targets = {
            target
            for number in range(len(self.packages))
            for edge in self._edges(number)
            for target in self._targets(edge)
        }

    def folder(self, number):
        """The folder of a package that is installed from one, relative to that of the lock; empty for others."""
        source = table(self.packages[number].get("source"), "source")
        return next((text(source[kind], "source") for kind in _LOCAL if kind in source), "")

    def is_virtual(self, number):
        """Whether a package is never installed itself."""
        return "virtual" in table(self.packages[number].get("source"), "source")

    def locked(self, number, required):
        """What the lock says about one package."""
        one = self.packages[number]
        source = table(one.get("source"), "source")
        fixed = "" if self.folder(number) else text(one.get("version"), "version")
        _, _, revision = long_text(source.get("git"), "source").rpartition("#")
        return Locked(
            self.names[number],
            version=fixed,
            commit=commit(revision),
            required=required and not self.is_virtual(number),
        )

    def reached(self, roots, *, strictly):
        """
        The packages that installing `roots` brings.

        Strictly: what a default installation always brings. Else: what any choice of extras and groups can bring.
        """
        holds = markers.applies if strictly else markers.may_apply
        waiting, done = [(root, frozenset()) for root in sorted(roots)], set()
        while waiting:
            step = waiting.pop()
            if step in done:
                continue
            done.add(step)
            number, extras = step
            for edge in self._edges(number, extras if strictly else None):
                if holds(long_text(edge.get("marker"), "marker")):
                    chosen = frozenset(texts(edge.get("extra"), "extra"))
                    waiting += [(target, chosen) for target in self._targets(edge)]
        return {number for number, _ in done}

    def _edges(self, number, extras=None):
        """The dependencies of a package with these extras; with None, of all extras and groups."""
        one = self.packages[number]
        found = list(tables(one.get("dependencies"), "dependencies"))
        for extra, edges in table(one.get("optional-dependencies"), "optional-dependencies").items():
            if extras is None or extra in extras:
                found += tables(edges, "optional-dependencies")
        if extras is None:
            for edges in table(one.get("dev-dependencies"), "dev-dependencies").values():
                found += tables(edges, "dev-dependencies")
        return found

    def _targets(self, edge):
        """The packages that a dependency names: it tells a version and a source where the name alone is ambiguous."""
        return [
            number
            for number in self._by_name.get(name(edge.get("name")), ())
            if all(edge[key] == self.packages[number].get(key) for key in ("version", "source") if key in edge)
        ]


def _roots(graph, place):
    """
    The members of the workspace that were installed.

    `uv sync` installs the member of the working folder. With `--package` it installs another one, which is then known
    by its own installation.
    """
    installed = {number for number in graph.members if graph.names[number] in place.installed}
    here = _member_of(graph, place)
    if here is not None and installed <= graph.reached({here}, strictly=True):
        return {here}
    return installed


def _member_of(graph, place):
    """The member in whose folder the process runs: the deepest; None without one."""
    found, depth = None, -1
    working = os.path.realpath(place.working_folder)
    for number in sorted(graph.members):
        folder = os.path.realpath(os.path.join(place.folder, graph.folder(number)))
        if (working + os.sep).startswith(folder.rstrip(os.sep) + os.sep) and len(folder) > depth:
            found, depth = number, len(folder)
    return found
