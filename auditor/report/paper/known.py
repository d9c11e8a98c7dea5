"""The facts of a manifest that a paper names: the hardware, the software, and why one of them is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from ...manifest.models import Fact
from ...quoting.inert import as_text, shortened

NOT_AVAILABLE = "n/a"
VALUE_CHARACTERS = 200
GIB = 2**30
ABSENT = "the manifest does not hold it"


@dataclass(frozen=True)
class Told:
    """A fact for a reader."""

    macro: str
    """The end of its macro's name in LaTeX, and its name in other formats."""
    label: str
    keys: tuple[str, ...]
    """The keys under which it can stand; the first with a value counts."""
    words: str = ""
    """Its value; empty where there is none."""
    key: str = ""
    """The key of that value, else of the first fact that says why there is none."""
    why: str = ""
    """Why there is no value."""


def _plain(value: JsonValue) -> str:
    return shortened(as_text(value), VALUE_CHARACTERS)


def _counted(value: JsonValue) -> str:
    """Devices of a machine, equal ones counted; from a list, or a mapping of index to value."""
    items = value if isinstance(value, list) else [*value.values()] if isinstance(value, dict) else [value]
    named = [item["name"] if isinstance(item, dict) and "name" in item else item for item in items]
    counts = Counter(map(_plain, named))
    return shortened(", ".join(_times(count, name) for name, count in counts.items()), VALUE_CHARACTERS)


def _times(count: int, name: str) -> str:
    return name if count == 1 else f"{count} × {name}"  # noqa: RUF001 -- a multiplication sign


def _bytes(value: JsonValue) -> str:
    """Bytes in GiB, of one thing or of several."""
    if isinstance(value, dict):
        return _counted({name: _bytes(item) for name, item in value.items()})
    return f"{value / GIB:.1f} GiB" if isinstance(value, int) and not isinstance(value, bool) else _plain(value)


Kinds = tuple[tuple[str, str, tuple[str, ...], Callable[[JsonValue], str]], ...]
"""Macro, label, keys, and how the value is written."""

HARDWARE: Kinds = (
    (
        "Gpu",
        "GPU",
        ("accelerators.nvidia.name", "accelerators.rocm.devices", "accelerators.xpu.devices", "torch.devices"),
        _counted,
    ),
    ("GpuMemory", "GPU memory", ("accelerators.nvidia.memory",), _bytes),
    ("Driver", "GPU driver", ("accelerators.nvidia.driver", "accelerators.rocm.driver"), _plain),
    ("Tpu", "TPU", ("accelerators.tpu.devices",), _counted),
    ("Cpu", "CPU", ("host.cpu.model",), _plain),
    ("Cores", "CPU cores", ("host.cpu.cores",), _plain),
    ("CpuLevel", "Instruction set", ("host.cpu.level", "torch.cpu.capability"), _plain),
    ("Architecture", "Architecture", ("host.architecture",), _plain),
    ("Memory", "Memory", ("host.memory.total",), _bytes),
    ("Virtualisation", "Virtualisation", ("host.virtualisation",), _plain),
)
SOFTWARE: Kinds = (
    ("Os", "Operating system", ("host.os.title", "host.os.name", "host.os.id"), _plain),
    ("Kernel", "Kernel", ("host.kernel.release",), _plain),
    ("Libc", "C library", ("host.libc.version",), _plain),
    ("PythonVersion", "Python", ("python.version",), _plain),
    ("TorchVersion", "PyTorch", ("torch.version",), _plain),
    ("TensorflowVersion", "TensorFlow", ("tensorflow.version",), _plain),
    ("JaxVersion", "JAX", ("jax.version",), _plain),
    ("JaxlibVersion", "jaxlib", ("jax.jaxlib.version",), _plain),
    ("NumpyVersion", "NumPy", ("numpy.version",), _plain),
    ("Cuda", "CUDA of the build", ("torch.build.cuda", "tensorflow.build.cuda"), _plain),
    ("Cudnn", "cuDNN", ("torch.cudnn.version", "tensorflow.build.cudnn"), _plain),
    ("Nccl", "NCCL", ("torch.nccl.version",), _plain),
    ("Blas", "NumPy's BLAS", ("numpy.blas.build", "numpy.blas.name"), _plain),
    ("Threads", "Threads of PyTorch", ("torch.threads.intra",), _plain),
    ("Image", "Container image", ("host.container.image_digest", "host.container.image_id"), _plain),
    ("Commit", "Commit of the code", ("code.commit",), _plain),
)


def hardware(facts: Mapping[str, Fact]) -> list[Told]:
    """The machine, in the order in which papers name it."""
    return [*_told(HARDWARE, facts)]


def software(facts: Mapping[str, Fact]) -> list[Told]:
    """Systems, frameworks and libraries."""
    return [*_told(SOFTWARE, facts)]


def distributions(facts: Mapping[str, Fact]) -> int | None:
    """How many Python distributions the manifest lists; None where it lists none."""
    fact = facts.get("python.distributions")
    return len(fact.value) if fact and fact.state == "value" and isinstance(fact.value, dict) else None


def _told(table: Kinds, facts: Mapping[str, Fact]) -> Iterator[Told]:
    for macro, label, keys, words in table:
        held = [(key, facts[key]) for key in keys if key in facts]
        value = next(((key, fact) for key, fact in held if fact.state == "value" and fact.value is not None), None)
        if value is not None:
            yield Told(macro, label, keys, words=words(value[1].value) or "(empty)", key=value[0])
        elif held:
            key, fact = held[0]
            yield Told(macro, label, keys, key=key, why=f"{fact.state}: {shortened(fact.reason) or 'no reason given'}")
        else:
            yield Told(macro, label, keys, key=keys[0], why=ABSENT)
