"""
What recording costs a torch program, everything that base runs do included: ratios to the plain step, printed.

Usage: `python benchmarks/recording.py [--python .venv-audited/bin/python] [--rounds 15]`. (a) A training step of one
transformer encoder layer (d=512, 8 heads, ff=2048, batch 16x128, AdamW, CPU): within 1.35 times the plain step. (b) A
small operation (an addition of 8 elements): within 8 microseconds above the plain one. Beside both stands torch's own
`DebugMode` with its hashes. One process measures each tier; rounds alternate, medians are compared, nothing fails.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from auditor.replay.experiment import Setup, run

BARS = "bars: step 1.35 (base tier), small operation +8 us (base tier)"
PROGRAM = r"""
import statistics, sys, time
import torch
from torch.utils._debug_mode import DebugMode
from torch.utils._python_dispatch import _disable_current_modes

torch.manual_seed(0)
rounds, tier = int(sys.argv[1]), sys.argv[2]
layer = torch.nn.TransformerEncoderLayer(512, 8, 2048, batch_first=True)
optimizer = torch.optim.AdamW(layer.parameters())
batch = torch.randn(16, 128, 512)
left, right = torch.randn(8), torch.randn(8)
SMALL = 2000


def step():
    optimizer.zero_grad()
    layer(batch).square().mean().backward()
    optimizer.step()


def small():
    for _ in range(SMALL):
        torch.add(left, right)


def seconds(work):
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def plain(work):
    with _disable_current_modes():
        return seconds(work)


def debug(work):
    with _disable_current_modes(), DebugMode() as mode, DebugMode.log_tensor_hashes():
        return seconds(work)


ways = {"plain": plain, tier: seconds, "DebugMode": debug}
for work, unit, scale in ((step, "ms", 1e3), (small, "us", 1e6 / SMALL)):
    for way in ways.values():
        way(work)
    taken = [[way(work) for way in ways.values()] for _ in range(rounds)]
    columns = [statistics.median(column) * scale for column in zip(*taken)]
    for name, told in zip(ways, columns):
        ratio = statistics.median(row[list(ways).index(name)] / row[0] for row in taken)
        print("%-8s %-10s %9.2f %s  %6.2f times  %+9.2f %s" % (
            work.__name__, name, told, unit, ratio, told - columns[0], unit), flush=True)
"""


def main() -> None:
    """Measure the base tier and the detail tier, each against plain and DebugMode in the same process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=".venv-audited/bin/python")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--tiers", nargs="+", choices=("base", "detail"), default=["base", "detail"])
    given = parser.parse_args()
    print(BARS)
    with tempfile.TemporaryDirectory(prefix="recording-") as folder:
        program = Path(folder) / "program.py"
        program.write_text(PROGRAM)
        for tier in given.tiers:
            setup = Setup(Path(folder) / tier, tier=tier)
            seen = run([given.python, str(program), str(given.rounds), tier], setup)
            if seen.exit_code or seen.problems:
                sys.exit(f"it ended with exit code {seen.exit_code}: {seen.problems}")


if __name__ == "__main__":
    main()
