"""`auditor replay -- COMMAND`: run an experiment several times, and find the first divergent operation."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from ..errors import FINDINGS, INCONCLUSIVE, INTERRUPTED, OK, UsageError, nearest
from ..factors.factors import FACTORS
from ..replay.evidence import metric as metrics
from ..replay.evidence import reproducer
from ..replay.runs.budget import RUNS
from ..replay.session import ReplayOptions, Session
from ..signing.interface import Signer
from ._after_dashes import CommandAfterDashes
from ._files_aside import aside_for, bytes_of, protect_option, restored
from ._format import text_or_json
from ._replay_outputs import Ended, attached, record_one, show
from ._resume import asked
from .interruption import Interruption

EXIT_CODES = {"identical": OK, "diverged": FINDINGS, "inconclusive": INCONCLUSIVE}


@click.command("replay", cls=CommandAfterDashes, context_settings={"ignore_unknown_options": True})
@click.option("--runs", type=click.IntRange(min=2), default=3, show_default=True, help="Number of baseline runs.")
@click.option(
    "--vary", default="", metavar="FACTORS", help="Also vary each of these factors alone (comma-separated, or all)."
)
@click.option(
    "--files",
    multiple=True,
    metavar="GLOB",
    help="Compare every byte of these files, times too. The others that it writes are compared by what they hold.",
)
@click.option("--ignore", multiple=True, metavar="GLOB", help="Do not compare these files that the command writes.")
@click.option(
    "--metric", default="", metavar="REGEX", help="The metric that you report: the first group of REGEX in stdout."
)
@click.option("--seeds", type=click.IntRange(min=0), default=0, help="With --metric: number of runs with other seeds.")
@click.option("--seed-arg", default="", metavar="TEXT", help="The command's seed argument, for example --seed={}.")
@click.option(
    "--record",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Run the command once and write its trace to this file.",
)
@click.option(
    "--emit-repro",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Write a minimal script that reproduces the divergence to FOLDER, and run it.",
)
@click.option(
    "--attach",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Write the verdict, the run's facts and the digests of its traces to FOLDER, signed.",
)
@click.option(
    "--key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="With --attach: sign with this private key instead of this machine's own.",
)
@click.option(
    "--zoom/--no-zoom", default=True, show_default=True, help="Search inside the compiled region that diverged first."
)
@click.option(
    "--budget",
    type=click.IntRange(min=1),
    default=RUNS,
    show_default=True,
    metavar="RUNS",
    help="Runs after the baseline runs for finding the cause. A proven one may take a few more, for its line.",
)
@click.option(
    "--budget-minutes",
    type=click.FloatRange(min=0.1),
    metavar="MINUTES",
    help="Minutes after the baseline runs for finding the cause. [default: 15, or 8 runs if longer]",
)
@protect_option
@click.option(
    "--restore", is_flag=True, help="Bring back the files of this working folder after a replay was killed in it."
)
@click.option(
    "--resume",
    metavar="CMD",
    help="Compare the whole run with one that is stopped, and resumed by CMD. Needs --stop-when or --stop-after.",
)
@click.option(
    "--stop-when", metavar="GLOB", help="With --resume: stop the run once a checkpoint of this name is complete."
)
@click.option(
    "--stop-after",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="With --resume: stop the run after so many seconds.",
)
@click.option("--exact-output", is_flag=True, help="Let every printed byte count, times too.")
@click.option("--no-explain", is_flag=True, help="Do not search for the cause.")
@click.option("--allow-failure", is_flag=True, help="Also compare runs with an exit code other than 0.")
@click.option("--timeout", type=click.FloatRange(min=0.1), help="Seconds for one run.")
@text_or_json
@click.option("-q", "--quiet", is_flag=True, help="Show no progress, only the verdict.")
@click.argument("command_line", metavar="-- COMMAND...", nargs=-1, type=click.UNPROCESSED)
def command(
    *,
    runs: int,
    vary: str,
    files: tuple[str, ...],
    ignore: tuple[str, ...],
    metric: str,
    seeds: int,
    seed_arg: str,
    record: Path | None,
    emit_repro: Path | None,
    attach: Path | None,
    key: Path | None,
    zoom: bool,
    budget: int,
    budget_minutes: float | None,
    no_explain: bool,
    protect: str,
    restore: bool,
    resume: str | None,
    stop_when: str | None,
    stop_after: float | None,
    exact_output: bool,
    allow_failure: bool,
    timeout: float | None,
    as_json: bool,
    quiet: bool,
    command_line: tuple[str, ...],
) -> int:
    """Run an experiment several times. If runs diverge, find the first divergent operation, its cause and a cure."""
    if restore:
        return restored(command_line)
    if not command_line:
        raise click.MissingParameter(param_hint="'-- COMMAND...'", param_type="argument")
    others = {"--record": record, "--attach": attach, "--emit-repro": emit_repro, "--vary": vary, "--metric": metric}
    resuming = asked(resume, stop_when, stop_after, others)
    _check(metric, seeds, seed_arg)
    _check_reproducer(emit_repro, explained=not no_explain)
    if record is not None and attach is not None:
        raise UsageError("--record and --attach exclude each other", "Nothing was run. Leave out one of them.")
    signer = _signer(key) if attach else None
    stop = Interruption()
    with stop.heard(), tempfile.TemporaryDirectory(prefix="auditor-replay-", ignore_cleanup_errors=True) as scratch:
        options = ReplayOptions(
            command=command_line,
            scratch=Path(scratch),
            runs=runs,
            vary=_factors(vary),
            files=files,
            ignore=ignore,
            timeout_seconds=timeout,
            allow_failure=allow_failure,
            explain=not no_explain,
            exact_output=exact_output,
            zoom=zoom,
            budget_runs=budget,
            budget_seconds=budget_minutes * 60 if budget_minutes else None,
            metric=metric,
            seeds=seeds,
            seed_argument=seed_arg,
            reproducer=emit_repro,
            portable=record is not None or attach is not None,
            show=not as_json,
        )
        announce = _announce if not quiet else _silence
        outputs = (attach, emit_repro, Path(scratch))
        both = [*command_line, *(resuming.command if resuming else ())]
        aside = aside_for(both, announce, bytes_of(protect), outputs) if record is None else None
        session = Session(options, announce, _announce, aside)
        if record is not None:
            return record_one(session, record)
        if resuming is not None:
            from ..replay.resume.session import ResumeSession  # noqa: PLC0415 - only for --resume

            asked_for = resuming.options(
                command_line, Path(scratch), timeout=timeout, allow_failure=allow_failure, show=not as_json
            )
            ended = Ended(ResumeSession(asked_for, announce, _announce, aside).run(), resumed=True)
        else:
            ended = attached(session, attach, signer) if attach and signer else Ended(session.run())
        stop.hold()
        show(ended, as_json=as_json)
    interrupted = stop.arrived or ended.interrupted or ended.result.partial_why == "interrupted"
    return INTERRUPTED if interrupted else EXIT_CODES[ended.result.verdict]


def _signer(key: Path | None) -> Signer:
    """The signing key, loaded before anything is run, so that a missing key does not cost a replay."""
    from ..signing import keys as key_files  # noqa: PLC0415 - cryptography is loaded only where something is signed
    from ..signing import local  # noqa: PLC0415 - the same

    return key_files.load_signer(key) if key else local.identity()


def _factors(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name != "all" and name not in FACTORS:
            raise UsageError(
                f"there is no factor {name!r}",
                f"Nothing was run. Factors: all, {', '.join(FACTORS)}.{nearest(name, FACTORS)}",
            )
    return names


def _check(metric: str, seeds: int, seed_arg: str) -> None:
    if metric:
        metrics.compiled(metric)
    if seeds and not (metric and seed_arg):
        raise UsageError(
            "--seeds needs --metric and --seed-arg",
            "Nothing was run. For example: --metric 'loss=([0-9.]+)' --seeds 5 --seed-arg '--seed={}'.",
        )
    if seeds:
        metrics.seed_arguments(seed_arg, ())


def _check_reproducer(target: Path | None, *, explained: bool) -> None:
    """Check the reproducer's folder before anything is run."""
    if target is None:
        return
    if not explained:
        raise UsageError(
            "--emit-repro needs the cause, which --no-explain leaves out", "Nothing was run. Leave out one of them."
        )
    reproducer.refuse_full(target)


def _announce(text: str) -> None:
    click.echo(f"auditor: {text}", err=True)


def _silence(text: str) -> None:
    del text
