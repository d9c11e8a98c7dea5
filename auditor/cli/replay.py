"""`auditor replay -- COMMAND`: run an experiment several times, and name the first operation that gives other bits."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from ..errors import FINDINGS, INCONCLUSIVE, OK, UsageError
from ..factors import FACTORS
from ..replay import metric as metrics
from ..replay.session import VARIED, Options, Session
from ..replay.trace import open_trace, pack

EXIT_CODES = {"identical": OK, "diverged": FINDINGS, "inconclusive": INCONCLUSIVE}


@click.command("replay", context_settings={"ignore_unknown_options": True})
@click.option("--runs", type=click.IntRange(min=2), default=3, show_default=True, help="Runs of the command as it is.")
@click.option("--vary", default="", metavar="FACTORS", help="Then each of these alone (comma-separated, or all).")
@click.option("--files", multiple=True, metavar="GLOB", help="Compare these files, which the command writes, as well.")
@click.option("--metric", default="", metavar="REGEX", help="The number that you report, as its first group in stdout.")
@click.option("--seeds", type=click.IntRange(min=0), default=0, help="With --metric: this many runs with other seeds.")
@click.option("--seed-arg", default="", metavar="TEXT", help="How the command takes a seed, for example --seed={}.")
@click.option("--record", type=click.Path(path_type=Path, dir_okay=False), help="Run it once and write its trace here.")
@click.option("--no-explain", is_flag=True, help="Do not look for the cause.")
@click.option("--allow-failure", is_flag=True, help="Compare runs that end with another exit code than 0 as well.")
@click.option("--timeout", type=click.FloatRange(min=0.1), help="Seconds for one run.")
@click.option("--json", "as_json", is_flag=True, help="The result as one JSON object on stdout.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@click.argument("command_line", metavar="-- COMMAND...", nargs=-1, required=True, type=click.UNPROCESSED)
def command(
    *,
    runs: int,
    vary: str,
    files: tuple[str, ...],
    metric: str,
    seeds: int,
    seed_arg: str,
    record: Path | None,
    no_explain: bool,
    allow_failure: bool,
    timeout: float | None,
    as_json: bool,
    quiet: bool,
    command_line: tuple[str, ...],
) -> int:
    """Run an experiment several times; prove that it gives the same bits, or name the first operation that does not."""
    _check(metric, seeds, seed_arg)
    with tempfile.TemporaryDirectory(prefix="auditor-replay-", ignore_cleanup_errors=True) as scratch:
        options = Options(
            command=command_line,
            scratch=Path(scratch),
            runs=runs,
            vary=_factors(vary),
            files=files,
            timeout_seconds=timeout,
            allow_failure=allow_failure,
            explain=not no_explain,
            metric=metric,
            seeds=seeds,
            seed_argument=seed_arg,
            portable=record is not None,
            show=not as_json,
        )
        session = Session(options, _announce if not quiet else _silence)
        if record is not None:
            return _record(session, record)
        result = session.run()
    if as_json:
        click.echo(result.model_dump_json(indent=2))
    else:
        from ..render import replay as shown  # noqa: PLC0415 - only where it is shown

        click.echo("\n" + shown.text(result), err=True)
    return EXIT_CODES[result.verdict]


def _record(session: Session, path: Path) -> int:
    """One run, with digests that every machine can make, as one file."""
    run = session.record()
    with open_trace(run.folder) as trace:
        printed = {"exit_code": run.exit_code, "stdout": run.stdout.sha256}
        pack(trace, path, run={**printed, "files": {str(one.path): one.sha256 for one in run.files}})
        problems = [told for _, told in trace.problems] + list(run.problems)
    click.echo(f"auditor: trace written to {path}; compare it with another: auditor compare {path} OTHER", err=True)
    for problem in problems:
        click.echo(f"auditor: the trace is not whole: {problem}", err=True)
    return INCONCLUSIVE if problems or run.timed_out else OK


def _factors(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name != "all" and name not in FACTORS:
            raise UsageError(f"there is no factor {name!r}", f"There are: all, {', '.join(VARIED)}.")
    return names


def _check(metric: str, seeds: int, seed_arg: str) -> None:
    if metric:
        metrics.compiled(metric)
    if seeds and not (metric and seed_arg):
        raise UsageError(
            "--seeds needs --metric and --seed-arg",
            "Nothing was run. For example: --metric 'loss=([0-9.]+)' --seeds 5 --seed-arg '--seed={}'.",
        )


def _announce(text: str) -> None:
    click.echo(f"auditor: {text}", err=True)


def _silence(text: str) -> None:
    del text
