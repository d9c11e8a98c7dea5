"""A command whose last words, after `--`, are the program to run."""

from __future__ import annotations

from collections.abc import Sequence

import click

from ..errors import UsageError
from .project import ReplayDefaults

NOTHING_RUN = "Nothing was run. The command stands after `--`; `auditor replay --help` lists the options before it."


class CommandAfterDashes(ReplayDefaults):
    """A command that runs the words after `--`, and refuses words before `--` that would be taken for the program."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Check the words before `--`, then parse as usual."""
        if "--" in args and not ctx.resilient_parsing:
            before = args[: args.index("--")]
            words = self.make_parser(ctx).parse_args([*before])[0]["command_line"]
            _refuse_program(before, words if isinstance(words, (tuple, list)) else ())  # click's UNSET for none
        return super().parse_args(ctx, args)


def _refuse_program(before: Sequence[str], words: Sequence[str]) -> None:
    """Raise UsageError for the first of `words`, which are those of `before` that belong to no option."""
    if not words:
        return
    word = words[0]
    if word.startswith("-"):
        raise UsageError(f"there is no option {word}", NOTHING_RUN)
    option = before[before.index(word) - 1] if before.index(word) else ""
    if len(words) == 1 and option.startswith("-"):
        raise UsageError(
            f"{option} has no value, so {word!r} would be taken for the program", f"{NOTHING_RUN} Leave {word!r} out."
        )
