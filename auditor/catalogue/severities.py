"""
The severity and the kind of every shipped check: one row for a contract, and so the same in each framework.

- `critical`: results are wrong, or depend on memory that nobody wrote, and nothing says so.
- `high`: runs that are promised to be equal differ, or a switch does not do what it says, and nothing says so.
- `medium`: results differ where people often expect them to be equal, and no framework promises it.
- `low`: the framework documents it, or it only makes a later fault more likely.

The kind says who decides: `setup`, the user's environment or program; `release`, whoever made the installed release.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from ..manifest.models import Kind, Severity


class Row(NamedTuple):
    """What a failure of a contract means."""

    severity: Severity
    kind: Kind
    why: str
    """The reason for the severity."""


SEVERITIES: dict[str, Row] = {
    "attention-backend": Row("critical", "release", "a backend computes another function than the formula"),
    "broadcast-product": Row("critical", "release", "the product is wrong, or the process dies"),
    "compile-ladder": Row("critical", "release", "a layer of the compiler computes another function"),
    "compiled-eager": Row("critical", "release", "the compiled program computes another function"),
    "compiled-sizes": Row("critical", "release", "the compiled program computes another function at some size"),
    "compiled-transforms": Row("critical", "release", "the compiled program computes another function"),
    "every-operator": Row("critical", "release", "an operator's results depend on memory that nobody wrote"),
    "every-operator-compiled": Row("critical", "release", "the compiled operator computes another function"),
    "export-eager": Row("critical", "release", "the exported program computes another function"),
    "flag-known-answer": Row("critical", "release", "a switch makes results wrong"),
    "operator-matrix": Row("critical", "release", "an operator is wrong for some dtype, layout, size or value"),
    "optimised-plain": Row("critical", "release", "the optimised graph computes another function"),
    "sharded": Row("critical", "release", "training on several devices computes something else than on one"),
    "torchscript-eager": Row("critical", "release", "the scripted program computes another function"),
    "transforms": Row("critical", "release", "derivatives or maps are wrong"),
    "uninitialised": Row("critical", "release", "results depend on memory that nobody wrote"),
    "attention-repeat": Row("high", "release", "equal inputs give other bits"),
    "collectives": Row("high", "release", "ranks that should agree differ"),
    "compiled-repeat": Row("high", "release", "equal programs give other bits in another process"),
    "epoch-draws": Row("high", "release", "every epoch trains on the same augmentation"),
    "every-layer": Row("high", "release", "equal inputs give other bits"),
    "every-operator-batch": Row("high", "release", "a row's result depends on its neighbours"),
    "flag-takes-effect": Row("high", "release", "a switch that people rely on does nothing"),
    "loader": Row("high", "release", "batches or augmentation change with the number of workers"),
    "parallel-map": Row("high", "release", "the order of rows or their draws change from run to run"),
    "precision": Row("high", "release", "results have fewer digits than their dtype"),
    "random-under-compile": Row("high", "release", "a compiled program draws other numbers under the same seed"),
    "repeat": Row("high", "release", "equal inputs give other bits"),
    "resume": Row("high", "release", "training that is continued is not the training that was saved"),
    "same-seed": Row("high", "release", "the same seed gives other numbers"),
    "seed-reaches": Row("high", "release", "a generator ignores the seed"),
    "thread-race": Row("high", "release", "equal inputs give other bits"),
    "thread-race-families": Row("high", "release", "equal inputs give other bits"),
    "autotune": Row("medium", "release", "measured times choose the kernel, and so the bits"),
    "batch-invariant": Row("medium", "release", "a row's bits change with its batch; nobody promises otherwise"),
    "draw-layout": Row("medium", "release", "the same seed draws other numbers into another memory layout"),
    "file-order": Row("medium", "release", "its listing of training data has the file system's order"),
    "loader-spawn": Row("medium", "release", "workers draw other values under another start method"),
    "seed-width": Row("medium", "release", "two different seeds give the same numbers"),
    "every-operator-threads": Row("low", "release", "rounding changes with the number of threads, as documented"),
    "isa": Row("low", "release", "rounding changes with the processor, as documented"),
    "thread-count": Row("low", "release", "rounding changes with the number of threads, as documented"),
    "files-changed": Row("high", "setup", "the installed code is not the released code"),
    "conflicting-packages": Row("medium", "setup", "a package runs with a version that it excludes"),
    "cublas-workspace": Row("medium", "setup", "products on several streams may change bits; only with a GPU"),
    "duplicate-distributions": Row("medium", "setup", "which of two versions is imported is left to chance"),
    "editable-dirty": Row("medium", "setup", "the code that runs is in no commit"),
    "hash-seed": Row("medium", "setup", "the order of sets changes from process to process"),
    "lock-mismatch": Row("medium", "setup", "the installed packages are not those that the lock promises"),
    "xla-flags": Row("medium", "setup", "kernels with atomic additions may be chosen; only with a GPU"),
    "hash-seed-set": Row("low", "setup", "it matters only where a program iterates over a set"),
    "nccl": Row("low", "setup", "the sum's order may change between machines; only with a GPU"),
    "tf-deterministic-ops": Row("low", "setup", "the variable has no effect any more"),
    "tf32-override": Row("low", "setup", "the precision of products is left to defaults; only with a GPU"),
    "threads-pinned": Row("low", "setup", "rounding changes with the machine's number of processors"),
}
"""Contract to its row."""

EXCEPTIONS: dict[str, Row] = {
    "onnxruntime-thread-race": Row("critical", "release", "its race loses updates, so that sums are wrong"),
    "python-file-order": Row("low", "setup", "Python documents it; it matters only where a program does not sort"),
}
"""Checks that differ from their contract's row, with the reason."""

UNLISTED: Severity = "medium"
"""The severity of a check that is being written; a test demands a row for its contract before it is shipped."""


def digest() -> str:
    """What the table says, as a short name: another table is another catalogue, though the payload is the same."""
    return hashlib.sha256(repr((SEVERITIES, EXCEPTIONS, UNLISTED)).encode()).hexdigest()[:16]


def row_of(check_id: str) -> Row | None:
    """The row of a shipped check: its own, or that of the longest contract that its id ends with."""
    if check_id in EXCEPTIONS:
        return EXCEPTIONS[check_id]
    fitting = [contract for contract in SEVERITIES if check_id.endswith(f"-{contract}")]
    return SEVERITIES[max(fitting, key=len)] if fitting else None
