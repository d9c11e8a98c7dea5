"""The target of an audit: a Python on this machine or in a container image."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..audit.run import Options
from ..interpreter import discovery
from ..interpreter.discovery import Audited
from ..interpreter.launcher import Here, Launcher
from ..manifest.models import Fact, Subject
from . import extra


@dataclass(frozen=True)
class AuditTarget:
    """An audited Python, its launcher, and the facts known without asking it."""

    audited: Audited
    launcher: Launcher
    facts: Mapping[str, Fact] = field(default_factory=dict)
    subjects: Sequence[Subject] = ()

    def options(self, asked: Options) -> Options:
        """The options of an audit, completed with this target's Python, launcher, facts and subjects."""
        return replace(
            asked,
            python=self.audited.path,
            launcher=self.launcher,
            known_facts=self.facts,
            subjects=[*asked.subjects, *self.subjects],
        )


@contextlib.contextmanager
def open_target(python: str, image: str = "", *, readable: Sequence[str] = ()) -> Iterator[AuditTarget]:
    """
    The target of an audit: on this machine, or in the image if one is named.

    Args:
        python: the value of `--python`, on this machine or inside the image; empty to discover one.
        image: the image's name, or empty.
        readable: files and folders of this machine that the audited processes read.

    Raises UsageError, InterpreterError, EngineError and MissingExtraError.
    """
    if not image:
        audited = discovery.discover(python)
        yield AuditTarget(audited, Here(audited.path))
        return
    extra.require("--image")
    from .engine import client  # noqa: PLC0415 - the engine's client is loaded only where an image is named
    from .engine import image as image_files  # noqa: PLC0415 - as above

    with tempfile.TemporaryDirectory(prefix="auditor-cache-", ignore_cleanup_errors=True) as name:
        cache = Path(name) / "cache"  # the image's user writes here; the folder above stays ours
        cache.mkdir()
        cache.chmod(0o777)
        chosen = image_files.choose(client.connect(), image)
        audited = image_files.discover(chosen, python)
        launcher = image_files.launcher(chosen, audited, cache, [Path(path) for path in readable if path])
        yield AuditTarget(audited, launcher, chosen.facts, (chosen.subject,))
