"""
The contracts of the determinism catalogue, and the reasons why some do not apply to a framework.

A check implements one contract for one framework, for example `torch-same-seed`. Each pair has either a check in the
payload or a reason here; a test ensures that it has exactly one of the two.
"""

from __future__ import annotations

from ..frameworks import FRAMEWORKS

CONTRACTS: dict[str, str] = {
    "same-seed": "the same seed gives the same bits, again and in a fresh process",
    "seed-reaches": "the seed call reaches every generator, and different seeds give different draws",
    "hash-seed": "nothing depends on the string hash seed",
    "uninitialised": "no operator returns memory that it did not write",
    "thread-count": "the same bits with one thread and with many",
    "thread-race": "the same bits when threads are under pressure",
    "batch-invariant": "a row's result does not depend on the rows beside it",
    "compiled-eager": "compiled and eager agree, and the difference is explained",
    "compiled-sizes": "compiled and eager agree at every size at which compilers change their code",
    "compiled-repeat": "the compiled program gives the same bits, in a fresh process and with a cold cache",
    "flag-takes-effect": "determinism switches do what they say, or say that they cannot",
    "flag-known-answer": "determinism switches do not make results wrong",
    "random-under-compile": "the same seed gives the same draws eager, compiled, vectorised and sharded",
    "draw-layout": "draws under a seed do not depend on memory layout, nor on their number where that is promised",
    "transforms": "grad, vmap, jvp, scan and loops agree with their plain forms",
    "loader": "the data loader gives the same batches whatever its workers, and each epoch another order",
    "parallel-map": "the input pipeline's parallel stages keep order and draws",
    "resume": "training, saving, loading in a fresh process and training on equals training through",
    "file-order": "nothing depends on the order in which a folder lists its files",
    "isa": "what the processor's vector width changes",
    "precision": "which reduced precision is on, and what it costs",
    "attention-backend": "attention backends agree, and each is deterministic",
    "autotune": "autotuning does not choose another kernel next time",
    "collectives": "all-reduce and other collectives give the same bits, run to run and rank to rank",
    "sharded": "a computation over several devices equals the same on one",
    "operator-matrix": "basic operators agree with NumPy whatever the dtype, layout, size, values and mode",
    "every-operator": "each operator of the framework's own catalogue is repeatable and initialised",
}
"""Contract to its claim, in the order of the catalogue."""

_BISECTED = (
    "the perturbed process of {framework}-same-seed has another string hash seed; a difference is bisected, and named"
)
NOT_FOR: dict[str, dict[str, str]] = {
    "hash-seed": {name: _BISECTED.format(framework=name) for name in FRAMEWORKS},
    "loader": {
        "tensorflow": "TensorFlow's loader is tf.data: tensorflow-parallel-map measures it",
        "jax": "JAX has no data loader; it takes what NumPy, tf.data or torch loaders give",
    },
    "parallel-map": {
        "torch": "PyTorch's input pipeline is its DataLoader: torch-loader measures it",
        "jax": "JAX has no input pipeline",
    },
    "draw-layout": {
        "tensorflow": "a user of TensorFlow chooses no memory layout, and it promises draws for one shape only",
    },
    "file-order": {
        "torch": "PyTorch lists no folder of data itself (torchvision and datasets do); see python-file-order",
        "jax": "JAX lists no folder of data",
    },
    "attention-backend": {
        "tensorflow": "TensorFlow has one attention, made of matrix products and a softmax",
    },
}
"""Contract to framework to the reason why there is no such check."""


def absent(check_id: str) -> str:
    """Why no check has that id, if the contract does not apply to the framework; empty for any other id."""
    framework, _, contract = check_id.partition("-")
    return NOT_FOR.get(contract, {}).get(framework, "")
