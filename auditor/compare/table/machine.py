"""Facts of the machine, its operating system and its accelerators."""

from __future__ import annotations

from . import sources
from .rule import EffectRule

VECTOR_FLAGS = ("avx*", "fma*", "f16c", "xop", "sse*", "ssse3", "amx*", "neon", "asimd*", "sve*", "bf16", "fp16")

MACHINE = (
    EffectRule(
        ("host.architecture", "host.cpu.level", *(f"host.cpu.flags/{name}" for name in VECTOR_FLAGS)),
        "changes",
        "Libraries choose kernels by the available vector instructions: PyTorch gave different bits with AVX-512 than "
        "without.",
        sources.TORCH_VECTORS,
        "processor",
    ),
    EffectRule(
        ("host.cpu.vendor", "host.cpu.model", "host.cpu.family", "host.cpu.model_number"),
        "changes",
        "MKL's promise of equal results holds on Intel's processors only; OpenBLAS chooses kernels by model too.",
        sources.MKL,
        "processor",
    ),
    EffectRule(
        ("host.libc.name", "host.libc.version"),
        "changes",
        "glibc 2.28 has new implementations of exp, pow, sin and others, whose last digits differ.",
        sources.LIBM,
        "library",
    ),
    EffectRule(
        ("host.cpu.affinity", "host.cpu.logical", "host.cpu.cores", "host.cgroup.cpu"),
        "may",
        "Libraries derive their number of threads from it; those numbers are separate facts.",
        sources.REASONING,
    ),
    EffectRule(
        ("host.cpu.cache.*",),
        "may",
        "OpenBLAS has sized its blocks by the caches, and with the blocks the order of sums.",
        sources.OPENBLAS,
    ),
    EffectRule(
        ("host.memory.page",),
        "may",
        "It decides the layout of memory, and so the alignment of a kernel's data.",
        sources.REASONING,
    ),
    EffectRule(
        ("host.cpu.flags", "host.cpu.flags/*", "host.cpu.stepping", "host.cpu.microcode"),
        "may",
        "Seldom arithmetic: but where microcode lacks the mending of a fault, the kernel can be told to turn AVX off.",
        "https://docs.kernel.org/admin-guide/hw-vuln/gather_data_sampling.html",
    ),
    EffectRule(
        ("host.cuda.toolkit", "host.packages", "host.packages/*", "host.kernel.modules*"),
        "may",
        "System libraries, toolkits and drivers can be found and loaded instead of those that a package brings.",
        "https://man7.org/linux/man-pages/man8/ld.so.8.html",
    ),
    EffectRule(
        ("host.system", "host.os.id", "host.os.version", "host.word"),
        "may",
        "The system brings the C library, the loader and the compilers; PyTorch promises nothing across platforms.",
        sources.TORCH_REPRODUCIBILITY,
    ),
    EffectRule(
        ("host.kernel.*", "host.virtualisation", "host.address_layout", "host.clock_source"),
        "may",
        "It decides scheduling, memory layout and the availability of AVX: gather_data_sampling=force can disable it.",
        "https://docs.kernel.org/admin-guide/hw-vuln/gather_data_sampling.html",
    ),
    EffectRule(
        ("host.numa.*", "host.memory.huge_pages", "host.cpu.smt", "host.cpu.sockets"),
        "may",
        "It decides where threads and memory are placed, and thread pools can be sized by it.",
        sources.REASONING,
    ),
    EffectRule(
        ("host.os.name", "host.os.title"),
        "cannot",
        "The display name; the release is a separate fact.",
        "https://www.freedesktop.org/software/systemd/man/latest/os-release.html",
    ),
    EffectRule(
        ("host.load.*", "host.uptime", "host.memory.available", "host.memory.ecc.corrected"),
        "cannot",
        "It changes from minute to minute. It affects how long a run takes and how often a race shows.",
        sources.REASONING,
    ),
    EffectRule(
        ("host.cpu.governor", "host.cpu.maximum", "host.cpu.turbo_off", "host.cpu.boost", "host.cpu.prefetchers*"),
        "cannot",
        "It decides how fast the same instructions run.",
        sources.REASONING,
    ),
    EffectRule(
        ("host.memory.total", "host.memory.swap", "host.cgroup.memory", "host.memory.ecc*"),
        "may",
        "It decides whether a run fits into memory, and ECC decides whether a flipped bit is corrected or used.",
        sources.REASONING,
    ),
    EffectRule(
        ("host.network.cards*", "host.network.firmware*", "host.network.infiniband", "host.network.infiniband/*"),
        "may",
        "Collective libraries choose paths by the links between devices, and each path sums in its own order.",
        sources.NCCL_ORDER,
    ),
    EffectRule(
        ("host.container", "host.container.runtime", "host.container.image_id", "host.container.image_digest"),
        "may",
        "A container's content is compared separately; its limits and hidden devices affect libraries.",
        sources.REASONING,
    ),
    EffectRule(
        (
            *("host.name", "host.container.id", "host.container.image", "host.firmware.*", "host.board"),
            *("host.product.*", "host.cloud.*", "host.network.infiniband.identities*"),
        ),
        "cannot",
        "It identifies the machine; its hardware is compared by separate facts.",
        sources.REASONING,
    ),
)
