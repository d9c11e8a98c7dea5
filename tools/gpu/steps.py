"""The steps of `tools/on_gpu.py` in the order of their value, each with its share of the time."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(__file__).resolve().parent / "programs"
BUDGET_SECONDS = 480.0
"""The sum of all shares: a machine is lent for 15 minutes, its start and the transfers included."""
AUDITOR = "import sys; sys.path[0] = sys.argv.pop(1); from auditor.cli import main; main()"
"""The command of the checkout, without a variable such as PYTHONPATH that the audited process would inherit."""
SCRIPT = (
    "import runpy, sys; sys.path[0] = sys.argv.pop(1); sys.argv.pop(0); "
    "runpy.run_path(sys.argv[0], run_name='__main__')"
)
NO_JAX_RESERVATION = {"XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
"""Otherwise the first of two JAX processes takes most of the GPU's memory."""
GPU_CHECKS = (
    *("torch-autotune", "torch-attention-backend", "torch-attention-repeat", "torch-batch-invariant"),
    *("jax-autotune", "jax-precision", "jax-attention-backend"),
)
"""Checks of the full tier that tell most where a GPU is: its autotuning, attention backends and precision."""
MORE_CHECKS = (
    *("torch-resume", "torch-seed-width", "torch-transforms", "torch-random-under-compile", "torch-compiled-repeat"),
    *("torch-thread-race-families", "torch-every-operator", "jax-flag-known-answer", "jax-random-under-compile"),
    *(
        "jax-thread-race",
        "jax-resume",
        "jax-compiled-transforms",
        "jax-sharded",
        "jax-draw-layout",
        "torch-draw-layout",
        "jax-collectives",
        "torch-collectives",
    ),
)
"""The other checks of the full tier whose code knows devices."""


@dataclass(frozen=True)
class Context:
    """What commands are made from."""

    host: str
    """The Python with auditor's own dependencies."""
    python: str
    """The audited Python, with the frameworks."""
    frameworks: tuple[str, ...]
    work: Path
    """The folder that holds one folder for each step."""

    def auditor(self, *words: str) -> list[str]:
        """The command line of an auditor command of this checkout."""
        return [self.host, "-c", AUDITOR, str(ROOT), *words]

    def script(self, path: Path, *words: str) -> list[str]:
        """The command line of a script of this checkout that imports auditor."""
        return [self.host, "-c", SCRIPT, str(ROOT), str(path), *words]

    def program(self, name: str, *words: str) -> list[str]:
        """The command line of one of the recorded programs, in the audited Python."""
        return [self.python, str(PROGRAMS / name), *words]

    def chosen(self, frameworks: Collection[str]) -> list[str]:
        """Those of the frameworks that were chosen."""
        return [name for name in self.frameworks if name in frameworks]


@dataclass(frozen=True)
class Step:
    """One command, with its limit and how it may end."""

    name: str
    what: str
    share_seconds: float
    command: Callable[[Context], list[str]]
    frameworks: tuple[str, ...] = ()
    """It runs if one of them was chosen; empty: always."""
    gpu: bool = True
    """Whether it is not run without a GPU."""
    expected: tuple[int, ...] = (0,)
    """Exit codes that are no surprise."""
    env: dict[str, str] = field(default_factory=dict)
    manifest: str = ""
    """Its audit folder, inside the step's folder."""
    kept: bool = False
    """Whether its signed manifest is also copied beside the summary; few files come back from a lent machine."""
    least_seconds: float = 0
    """It is not started with less than that."""
    facts: str = ""
    """Its JSON file with `facts`, inside the step's folder."""


def _audit(framework: str) -> Callable[[Context], list[str]]:
    def command(context: Context) -> list[str]:
        return context.auditor("audit", "--python", context.python, "--framework", framework, "-q", "-o", "audit")

    return command


def _checks(names: tuple[str, ...]) -> Callable[[Context], list[str]]:
    """An audit of these checks, in one call, so that its manifest holds their readings."""

    def command(context: Context) -> list[str]:
        words = [word for name in context.frameworks for word in ("--framework", name)]
        wanted = [name for name in names if name.startswith(context.frameworks)]
        words += [word for name in wanted for word in ("--check", name)]
        return context.auditor("audit", "--python", context.python, *words, "-q", "-o", "audit")

    return command


def _replay(program: str, *words: str, options: tuple[str, ...] = ()) -> Callable[[Context], list[str]]:
    def command(context: Context) -> list[str]:
        return context.auditor("replay", "-q", "--json", *options, "--", *context.program(program, *words))

    return command


def _of_audits(*words: str) -> Callable[[Context], list[str]]:
    """A command on the signed manifest of the first audit that ran."""

    def command(context: Context) -> list[str]:
        folders = [context.work / f"audit-{name}" / "audit" for name in context.frameworks]
        found = next((folder for folder in folders if folder.is_dir()), folders[0])
        return context.auditor(*words, str(found))

    return command


def _recording(context: Context) -> list[str]:
    words = ("--python", context.python, "--device", "cuda", "--rounds", "7", "--tiers", "base", "--programs")
    return context.script(ROOT / "benchmarks" / "recording.py", *words, *context.chosen(("torch", "jax")))


FINDINGS = (0, 1)
UNMEASURED = (0, 1, 3)
TORCH, JAX, BOTH = ("torch",), ("jax",), ("torch", "jax")
RACE = ("torch_steps.py", "cuda", "race")
DETERMINISTIC_JAX = {**NO_JAX_RESERVATION, "XLA_FLAGS": "--xla_gpu_deterministic_ops=true"}


def _quick(framework: str, share_seconds: float) -> Step:
    return Step(
        name=f"audit-{framework}",
        what=f"quick audit of {framework}",
        share_seconds=share_seconds,
        command=_audit(framework),
        frameworks=(framework,),
        gpu=False,
        expected=FINDINGS,
        manifest="audit",
        kept=True,
    )


def _gpu_checks(framework: str, share_seconds: float) -> Step:
    names = tuple(name for name in GPU_CHECKS if name.startswith(framework))
    return Step(
        name=f"gpu-checks-{framework}",
        what=f"checks of {framework}'s autotuning, attention and precision",
        share_seconds=share_seconds,
        command=_checks(names),
        frameworks=(framework,),
        expected=UNMEASURED,
        manifest="audit",
    )


STEPS = (
    Step(
        "nvml",
        "facts of the GPUs from NVIDIA's library",
        25,
        lambda context: [context.host, str(PROGRAMS / "nvml_facts.py"), str(ROOT)],
        gpu=False,
        facts="stdout",
    ),
    Step(
        "probe",
        "facts of a real run that used the GPU",
        25,
        lambda context: context.auditor(
            "probe", "--no-defaults", "-q", "-o", "probe.json", "--", *context.program(*RACE)
        ),
        TORCH,
        facts="probe.json",
    ),
    _quick("torch", 105),
    _quick("jax", 50),
    Step("verify", "signature and files of the first audit", 5, _of_audits("verify"), BOTH, gpu=False),
    Step(
        "remedy",
        "settings against its failed checks",
        5,
        _of_audits("remedy"),
        BOTH,
        gpu=False,
        expected=FINDINGS,
    ),
    _gpu_checks("torch", 40),
    _gpu_checks("jax", 30),
    Step(
        "replay-torch-race",
        "replay of a torch program with atomics: must diverge",
        30,
        _replay(*RACE, options=("--no-explain",)),
        TORCH,
        expected=(1,),
    ),
    Step(
        "replay-torch-deterministic",
        "the same under use_deterministic_algorithms: must be identical",
        25,
        _replay("torch_steps.py", "cuda", "deterministic"),
        TORCH,
        env={"CUBLAS_WORKSPACE_CONFIG": ":4096:8"},
    ),
    Step(
        "replay-jax-race",
        "replay of a JAX program with atomics: must diverge",
        30,
        _replay("jax_steps.py", "gpu", options=("--no-explain",)),
        JAX,
        expected=(1,),
        env=NO_JAX_RESERVATION,
    ),
    Step(
        "replay-jax-deterministic",
        "the same with deterministic kernels: must be identical",
        20,
        _replay("jax_steps.py", "gpu"),
        JAX,
        env=DETERMINISTIC_JAX,
    ),
    Step(
        "replay-torch-explained",
        "the torch program with atomics again: must diverge, with its cause and cure",
        45,
        _replay(*RACE),
        TORCH,
        expected=(1,),
    ),
    Step("recording", "what recording costs on the GPU", 35, _recording, BOTH, env=NO_JAX_RESERVATION),
    Step(
        "more-checks",
        "the other checks of the full tier that measure on devices",
        10,
        _checks(MORE_CHECKS),
        BOTH,
        expected=UNMEASURED,
        manifest="audit",
        least_seconds=60,
    ),
)
"""All steps. The shares sum to BUDGET_SECONDS; what a step leaves goes to the next ones."""
