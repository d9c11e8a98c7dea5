"""Defaults of `audit`, `check` and `replay` from the project's policy, so that a project states them once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ..gate.policy.source import Source

Defaults = Callable[["Source"], dict[str, Any]]
HELP = ("-h", "--help")
QUIET = ("-q", "--quiet", "--json")


class ProjectCommand(click.Command):
    """A command whose options default to those of the policy in the working folder; the command line comes first."""

    defaults: Defaults

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """As click does, with the policy's options as defaults. Raises UsageError for an invalid policy."""
        words = args[: args.index("--")] if "--" in args else args
        if not extra.get("resilient_parsing") and not any(word in HELP for word in words):
            extra["default_map"] = type(self).defaults(_source(words))
        return super().make_context(info_name, args, parent, **extra)


def _source(words: Sequence[str]) -> Source:
    from ..gate.policy.source import in_working_tree  # noqa: PLC0415 - its models are loaded only where a command runs

    source = in_working_tree(Path.cwd())
    if source.name and not any(word in QUIET for word in words):
        click.echo(f"auditor: options that are not given come from {source.name}.", err=True)
    return source


def of_audit(source: Source) -> dict[str, Any]:
    """Defaults of the parameters of `audit` and `check`."""
    policy = source.policy
    found = {
        "python": _path(source.folder, policy.python),
        "setup": _path(source.folder, policy.setup),
        "tier": policy.tier,
        "frameworks": policy.frameworks,
        "only": policy.checks.only,
        "skip": policy.checks.skip,
        "require": policy.checks.require,
        "require_deterministic": policy.require_deterministic,
        "fail_on": policy.fail.strictest() if "fail" in policy.model_fields_set else None,
    }
    return {name: value for name, value in found.items() if value}


def of_replay(source: Source) -> dict[str, Any]:
    """Defaults of the parameters of `replay`."""
    found = {"vary": ",".join(source.policy.factors), "metric": source.policy.metric}
    return {name: value for name, value in found.items() if value}


class AuditDefaults(ProjectCommand):
    """`audit` and `check`."""

    defaults = staticmethod(of_audit)


class ReplayDefaults(ProjectCommand):
    """`replay`."""

    defaults = staticmethod(of_replay)


def _path(folder: Path, given: str | None) -> str | None:
    """A path of the policy, which is relative to its folder; a command on PATH stays one."""
    if given is None or not (folder / given).exists():
        return given
    return str(folder / given)
