"""
`-v` and `-vv`: what the program does, on stderr. Nothing of `logging` is imported without them.

Every line passes the net for secrets, since people paste logs into bug reports.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import logging

ROOT = "auditor"
VARIABLE = "AUDITOR_DEBUG"
"""An alias of `-vv`."""
HELP = (
    "Log to stderr: -v says what starts and why, -vv (or AUDITOR_DEBUG=1) adds commands and tracebacks. Most commands "
    "take it after their name, too."
)


def option(*, hidden: bool = False) -> click.Option:
    """The option; it may stand before the command and after it, and the larger count wins."""
    return click.Option(
        ["-v", "--verbose"], count=True, expose_value=False, hidden=hidden, help=HELP, callback=_configure
    )


def added(command: click.Command) -> click.Command:
    """The command with the option, unless it passes unknown options on to a program of the user."""
    known = any(parameter.name == "verbose" for parameter in command.params)
    if not known and not command.context_settings.get("ignore_unknown_options"):
        command.params.append(option(hidden=True))
    return command


def show(count: int) -> None:
    """Log from now on: 1 INFO, 2 DEBUG. A smaller count than before changes nothing."""
    import logging  # noqa: PLC0415 - it takes a tenth of the time of `auditor --help`

    logger = logging.getLogger(ROOT)
    level = logging.DEBUG if count > 1 else logging.INFO
    if not logger.handlers:
        logger.addHandler(_handler())
        logger.propagate = False
        logger.setLevel(level)
    logger.setLevel(min(level, logger.level))


def hide() -> None:
    """Log no more."""
    logging = sys.modules.get("logging")
    if logging is not None:
        logger = logging.getLogger(ROOT)
        for handler in [*logger.handlers]:
            logger.removeHandler(handler)
        logger.propagate = True
        logger.setLevel(logging.NOTSET)


def trace(problem: BaseException) -> None:
    """Log where an error happened, at DEBUG."""
    logging = sys.modules.get("logging")
    if logging is not None:
        logging.getLogger(__name__).debug("the program ends by this error", exc_info=problem)


def _configure(ctx: click.Context, param: click.Parameter, count: int) -> None:
    del param
    if count and not ctx.resilient_parsing:
        show(count)


def _handler() -> logging.Handler:
    import logging  # noqa: PLC0415 - see show

    from ..privacy.secrets import redact  # noqa: PLC0415 - only where something is logged
    from ..quoting.inert import visible  # noqa: PLC0415 - the same

    class Formatter(logging.Formatter):
        """One line for each record (a traceback adds its own), without secrets and without control characters."""

        def format(self, record: logging.LogRecord) -> str:
            lines = str(redact(super().format(record), os.environ)).splitlines()
            return "\n".join(visible(line) for line in lines)

    class Handler(logging.Handler):
        """Writes to what stderr is at that moment: a progress bar puts its own there."""

        def emit(self, record: logging.LogRecord) -> None:
            try:
                click.echo(self.format(record), err=True)
            except Exception:  # noqa: BLE001 - a log that cannot be written must not end an audit
                self.handleError(record)

    made: Any = Handler()
    made.setFormatter(Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler: logging.Handler = made
    return handler
