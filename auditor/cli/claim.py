"""`auditor claim -- COMMAND`: recompute a reported number from runs, and sign the judgement."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..claim import asked as claims
from ..claim.reported import KINDS, Kind
from ..errors import INTERRUPTED, UsageError
from ..replay import seeded
from ..replay.evidence import metric as metrics
from ._after_dashes import CommandAfterDashes
from ._files_aside import aside_for, bytes_of, protect_option
from ._format import text_or_json
from .interruption import Interruption
from .signed import EXISTING_FILE, trust_options

if TYPE_CHECKING:
    from ..output.claim_folder import ClaimFolder
    from ..signing.interface import Signer

STATED = ("metric", "reported", "kind", "reported_runs", "seeds", "seed_values")
"""Parameters that a claim of a manifest states."""
OF_A_MANIFEST = ("keys", "trust_file", "allowed_signers")
OF_A_FOLDER = ("sign_with", "track")


class ClaimCommand(CommandAfterDashes):
    """`claim`: its options say what a paper reports, and have no defaults in a project's policy but the metric."""


@click.command("claim", cls=ClaimCommand, context_settings={"ignore_unknown_options": True})
@click.option(
    "--metric", default="", metavar="REGEX", help="The number in stdout: the first group of REGEX, last match."
)
@click.option("--reported", default="", metavar="NUMBER", help="What the paper says, for example '0.913 ± 0.004'.")
@click.option(
    "--spread",
    "kind",
    type=click.Choice(KINDS),
    help="What follows the ±: standard deviation, standard error, max - min.",
)
@click.option("--reported-runs", type=click.IntRange(1, 1_000_000), help="Runs behind the reported number.")
@click.option(
    "--seeds", type=click.IntRange(0, claims.MOST_SEEDS), default=0, help="Run with so many seeds: 0, 1, 2, ..."
)
@click.option("--seed-values", default="", metavar="LIST", help="The seeds of the reported runs, for example 0,1,2.")
@click.option("--seed-arg", default="", metavar="TEXT", help="The command's seed argument, for example --seed={}.")
@click.option(
    "--again",
    type=click.Path(exists=True, path_type=Path),
    metavar="MANIFEST",
    help="Judge the claim of a signed manifest again, by runs of your COMMAND.",
)
@trust_options
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write a signed manifest there.",
)
@click.option(
    "--sign-with", type=EXISTING_FILE, metavar="KEY", help="With -o: sign with this private key, not our own."
)
@click.option("--track", is_flag=True, help="With -o: let git track the folder.")
@click.option("--timeout", type=click.FloatRange(min=0.1), help="Seconds for one run.")
@protect_option
@text_or_json
@click.option("-q", "--quiet", is_flag=True, help="Show no progress, only the verdict.")
@click.argument("command_line", metavar="-- COMMAND...", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def command(
    context: click.Context,
    /,
    *,
    metric: str,
    reported: str,
    kind: Kind | None,
    reported_runs: int | None,
    seeds: int,
    seed_values: str,
    seed_arg: str,
    again: Path | None,
    keys: Sequence[Path],
    trust_file: Path | None,
    allowed_signers: Path | None,
    output: Path | None,
    sign_with: Path | None,
    track: bool,
    timeout: float | None,
    protect: str,
    as_json: bool,
    quiet: bool,
    command_line: tuple[str, ...],
) -> int:
    """
    Run COMMAND once for each seed, and say whether the runs confirm a reported number.

    With --seed-values, the seeds of the paper, they must give the reported digits; with --seeds, other seeds, the
    reported mean must lie in the 95 % prediction interval of the runs. Exit codes: 0 confirmed; 1 not confirmed; 3 too
    few runs to tell, or a run failed or printed no metric; 4 the signature of --again does not verify; 5 its claim is
    invalid.
    """
    if not command_line:
        raise click.MissingParameter(param_hint="'-- COMMAND...'", param_type="argument")
    _refuse_mixture(context, again=again is not None, output=output is not None)
    again_of = ""
    if again is not None:
        from ._claim_again import opened  # noqa: PLC0415 - models: only for --again

        asked, again_of = opened(again, keys, trust_file, allowed_signers, seed_arg)
    else:
        _require(metric, reported, seed_arg)
        asked = claims.asked(
            metric=metric,
            reported=reported,
            kind=kind,
            reported_runs=reported_runs,
            seeds=seeds,
            seed_values=seed_values,
            seed_argument=seed_arg,
        )
    metrics.compiled(asked.metric)
    metrics.seed_arguments(asked.seed_argument, ())
    options = seeded.SeededOptions(
        command=command_line,
        scratch=Path(),
        metric=asked.metric,
        seeds=asked.seeds,
        seed_argument=asked.seed_argument,
        timeout_seconds=timeout,
        recorded=output is not None,
        show=not as_json,
    )
    announce, most_bytes = _silence if quiet else _announce, bytes_of(protect)
    stop = Interruption()
    with stop.heard(), _folder(output, sign_with, tracked=track) as folder, _scratch() as scratch:
        aside = aside_for(command_line, announce, most_bytes, (output, scratch))
        made = seeded.run(replace(options, scratch=scratch), announce, aside)
        stop.hold()
        from ._claim_shown import judged  # noqa: PLC0415 - models: loaded when the runs have ended

        code = judged(asked, made, command_line, folder, again_of=again_of, as_json=as_json)
    return INTERRUPTED if stop.arrived else code


@contextlib.contextmanager
def _scratch() -> Iterator[Path]:
    """A folder for the runs."""
    with tempfile.TemporaryDirectory(prefix="auditor-claim-", ignore_cleanup_errors=True) as scratch:
        yield Path(scratch)


@contextlib.contextmanager
def _folder(output: Path | None, sign_with: Path | None, *, tracked: bool) -> Iterator[ClaimFolder | None]:
    """The folder to write, checked before anything is run; None if none is wanted."""
    if output is None:
        yield None
        return
    from ..output.claim_folder import ClaimFolder  # noqa: PLC0415 - models: only where one is written

    with ClaimFolder(output, _signer(sign_with), tracked=tracked) as folder:
        yield folder


def _require(metric: str, reported: str, seed_arg: str) -> None:
    needed = {"--metric": metric, "--reported": reported, "--seed-arg": seed_arg}
    missing = [option for option, given in needed.items() if not given]
    if missing:
        raise UsageError(
            f"{missing[0]} is missing",
            "Nothing was run. For example: --metric 'accuracy=([0-9.]+)' --reported '0.913 ± 0.004' --spread sd"
            " --seed-values 0,1,2,3,4 --seed-arg '--seed={}' -- python eval.py",
        )


def _refuse_mixture(context: click.Context, *, again: bool, output: bool) -> None:
    """Raise UsageError for options that would have no effect."""
    named = {one.name: one.opts[-1] for one in context.command.params}
    given = [
        name for name in named if context.get_parameter_source(name or "") == click.core.ParameterSource.COMMANDLINE
    ]
    for name in given:
        if again and name in STATED:
            raise UsageError(f"{named[name]} has no effect with --again", "Nothing was run. The manifest states it.")
        if not again and name in OF_A_MANIFEST:
            hint = "To sign with a key of your own, give --sign-with KEY and -o." if name == "keys" else "Leave it out."
            raise UsageError(f"{named[name]} has no effect without --again", f"Nothing was run. {hint}")
        if not output and name in OF_A_FOLDER:
            raise UsageError(f"{named[name]} has no effect without -o", "Nothing was run. Name a folder with -o.")


def _signer(key: Path | None) -> Signer:
    """The signing key, loaded before anything is run, so that a missing key does not cost the runs."""
    from ..signing import keys as key_files  # noqa: PLC0415 - cryptography is loaded only where something is signed
    from ..signing import local  # noqa: PLC0415 - the same

    return key_files.load_signer(key) if key else local.identity()


def _announce(text: str) -> None:
    click.echo(f"auditor: {text}", err=True)


def _silence(text: str) -> None:
    del text
