"""
The cures that a rule can measure and a remedy can set: settings, environment variables and code lines.

The payload measures under `settings`. Variables and code lines are the user's way to get the same effect;
`auditor remedy --prove` measures whether they do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Pairs = Mapping[str, str]
EVERY = ""
"""Key for every framework without an entry of its own."""
IMPORTS = {"torch": "import torch", "tensorflow": "import tensorflow as tf", "jax": "import jax"}
"""Framework to the import that its code lines follow."""


@dataclass(frozen=True)
class FactorCure:
    """One way to make results repeat."""

    name: str
    """Its name in a check's `cure` and `explains`."""
    settings: Pairs
    """The settings of a process that measures whether it cures."""
    meaning: str
    """A short description."""
    price: int
    """Cost in speed, as a rank: 0 none, 1 little, 2 some operators, 4 all threads but one."""
    variables: Mapping[str, Pairs] = field(default_factory=dict)
    """Framework to environment variables, which must be set before the process starts."""
    on_gpu: Mapping[str, Pairs] = field(default_factory=dict)
    """Framework to additional variables that are needed on a GPU."""
    code: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Framework to lines of Python that follow its import, before anything is computed."""

    def variables_for(self, framework: str, *, gpu: bool) -> dict[str, str]:
        """The environment variables that this cure sets for a framework."""
        chosen = dict(self.variables.get(framework, self.variables.get(EVERY, {})))
        return chosen | dict(self.on_gpu.get(framework, {}) if gpu else {})

    def code_for(self, framework: str) -> tuple[str, ...]:
        """The code lines that this cure needs in a framework."""
        return self.code.get(framework, ())


TORCH_THREADS = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
TENSORFLOW_THREADS = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
JAX_THREADS = {"NPROC": "1"}

CURES: dict[str, FactorCure] = {
    cure.name: cure
    for cure in (
        FactorCure(
            name="hash-seed",
            settings={"hash-seed": "0"},
            meaning="a fixed string hash seed",
            price=0,
            variables={EVERY: {"PYTHONHASHSEED": "0"}},
        ),
        FactorCure(
            name="framework-switch",
            settings={"framework-switch": "on"},
            meaning="the framework's own determinism switch",
            price=2,
            on_gpu={  # cuBLAS: NVIDIA's and torch's notes on reproducibility; XLA: jax#13672
                "torch": {"CUBLAS_WORKSPACE_CONFIG": ":4096:8"},
                "jax": {"XLA_FLAGS": "--xla_gpu_deterministic_ops=true"},
            },
            code={
                "torch": ("torch.use_deterministic_algorithms(True)",),
                "tensorflow": (  # with the switch an unseeded draw is an error, so a seed is set first
                    "tf.keras.utils.set_random_seed(0)",
                    "tf.config.experimental.enable_op_determinism()",
                ),
            },
        ),
        FactorCure(
            name="fallback-random",
            settings={"fallback-random": "on"},
            meaning="compiled code that draws as eager code does",
            price=1,
            code={"torch": ("import torch._inductor.config", "torch._inductor.config.fallback_random = True")},
        ),
        FactorCure(
            name="one-thread",
            settings={"threads": "1"},
            meaning="one thread within each operation",
            price=4,
            variables={
                "torch": TORCH_THREADS,
                "tensorflow": TENSORFLOW_THREADS,
                "jax": JAX_THREADS,
                EVERY: TORCH_THREADS | TENSORFLOW_THREADS | JAX_THREADS,
            },
        ),
        FactorCure(
            name="onednn-off",
            settings={"onednn": "0"},
            meaning="no oneDNN kernels",
            price=3,
            variables={"tensorflow": {"TF_ENABLE_ONEDNN_OPTS": "0"}},
            code={"torch": ("torch.backends.mkldnn.enabled = False",)},
        ),
    )
}
"""Every cure, by name."""

NUMPY_MAKERS = ("RandomState", "SeedSequence", "PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
"""Classes of `numpy.random` that take the system's entropy if they are not given a seed."""
SEED_LINES: Mapping[str, str] = {
    "torch": "torch.manual_seed(0)",
    "tensorflow": "tf.keras.utils.set_random_seed(0)",
    "python": "random.seed(0)",
    "numpy": "numpy.random.seed(0)",
    "torch.default_generator": "torch.manual_seed(0)",
    "torch.Generator": "generator.manual_seed(0)",
    "random.Random": "random.Random(0)",
    "numpy.random.default_rng": "numpy.random.default_rng(0)",
    **{f"numpy.random.{one}": f"numpy.random.{one}(0)" for one in NUMPY_MAKERS},
    "numpy.random.RandomState.seed": "generator.seed(0)",
    "from_non_deterministic_state": "tf.random.Generator.from_seed(0)",
    "tf.NonDeterministicInts": "tf.random.set_global_generator(tf.random.Generator.from_seed(0))",
}
"""Generator, or its constructor, to the line that seeds it. Only replay uses it: checks seed their generators."""


def too_late_inside(variable: str) -> bool:
    """Whether a program cannot set this variable for itself, even before its imports."""
    return variable.startswith(("PYTHON", "MALLOC_", "GLIBC_", "LD_"))  # read by Python and by the C library at start
