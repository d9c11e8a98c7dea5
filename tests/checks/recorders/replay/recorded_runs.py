"""Runs a program without the recorder and under it, for tests that compare the two."""

import subprocess
import sys

from auditor.replay.runs.run import Setup, run
from auditor.replay.trace.archive import open_folder


def alone(arguments, python=sys.executable):
    """(exit code, stdout) of a program that is not recorded."""
    done = subprocess.run([python, *arguments], capture_output=True, check=False, timeout=120)
    return done.returncode, done.stdout


def recorded(arguments, folder, tier="base", python=sys.executable):
    """((exit code, stdout), problems, lineages, cut streams) of a program under the recorder."""
    seen = run([python, *arguments], Setup(folder, tier=tier, show=False, timeout_seconds=120.0))
    with open_folder(seen.folder) as trace:
        problems, lineages, cut = [*seen.problems, *trace.problems], trace.lineages, trace.cut
    return (seen.exit_code, seen.stdout.path.read_bytes()), problems, lineages, cut
