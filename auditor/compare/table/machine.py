"""Facts of the machine, its operating system and its accelerators."""

from __future__ import annotations

from . import sources
from .rule import Rule

VECTOR_FLAGS = ("avx*", "fma*", "f16c", "xop", "sse*", "ssse3", "amx*", "neon", "asimd*", "sve*", "bf16", "fp16")

MACHINE = (
    Rule(
        ("host.architecture", "host.cpu.level", *(f"host.cpu.flags/{name}" for name in VECTOR_FLAGS)),
        "changes",
        "Libraries choose kernels by the vector instructions they find: other widths, other order, fused or not.",
        sources.TORCH_VECTORS,
        "processor",
    ),
    Rule(
        ("host.cpu.vendor", "host.cpu.model", "host.cpu.family", "host.cpu.model_number"),
        "changes",
        "MKL and OpenBLAS choose kernels by maker and model, and approximate instructions differ between makers.",
        sources.MKL,
        "processor",
    ),
    Rule(
        ("host.libc.name", "host.libc.version"),
        "changes",
        "exp, pow and their like change in the last place between releases of the C library.",
        sources.LIBM,
        "library",
    ),
    Rule(
        ("host.cpu.affinity", "host.cpu.logical", "host.cpu.cores", "host.cgroup.cpu"),
        "may",
        "Libraries take their number of threads from it; the numbers they took stand in facts of their own.",
        sources.TORCH_THREADS,
    ),
    Rule(
        ("host.cpu.cache.*", "host.memory.page"),
        "may",
        "BLAS libraries size their blocks by the caches, and with the blocks the order of sums.",
        sources.MKL,
    ),
    Rule(
        ("host.cpu.flags", "host.cpu.flags/*", "host.cpu.stepping", "host.cpu.microcode"),
        "may",
        "Seldom arithmetic: but microcode has mended and switched off vector instructions before.",
        "https://docs.kernel.org/admin-guide/hw-vuln/gather_data_sampling.html",
    ),
    Rule(
        ("host.cuda.toolkit", "host.packages", "host.packages/*", "host.kernel.modules*"),
        "may",
        "System libraries, toolkits and drivers can be loaded instead of those that a package brings.",
        "https://man7.org/linux/man-pages/man8/ld.so.8.html",
    ),
    Rule(
        ("host.system", "host.os.id", "host.os.version", "host.word"),
        "may",
        "The system brings the C library, the loader and the compilers that are used at run time.",
        sources.TORCH_REPRODUCIBILITY,
    ),
    Rule(
        ("host.kernel.*", "host.virtualisation", "host.address_layout", "host.clock_source"),
        "may",
        "It decides scheduling, memory layout and which instructions a guest may use.",
        "https://docs.kernel.org/admin-guide/kernel-parameters.html",
    ),
    Rule(
        ("host.numa.*", "host.memory.huge_pages", "host.cpu.smt", "host.cpu.sockets"),
        "may",
        "It decides where threads and memory are placed, and thread pools are sized by it.",
        "https://docs.kernel.org/admin-guide/mm/numa_memory_policy.html",
    ),
    Rule(
        ("host.os.name", "host.os.title"),
        "cannot",
        "The name for people; the release stands in facts of its own.",
        "https://www.freedesktop.org/software/systemd/man/latest/os-release.html",
    ),
    Rule(
        ("host.load.*", "host.uptime", "host.memory.available", "host.memory.ecc.corrected"),
        "cannot",
        "It changes from minute to minute. It decides how long a run takes, and how often a race is lost.",
        "https://man7.org/linux/man-pages/man5/proc_loadavg.5.html",
    ),
    Rule(
        ("host.cpu.governor", "host.cpu.maximum", "host.cpu.turbo_off", "host.cpu.boost"),
        "cannot",
        "It decides how fast the same instructions run.",
        "https://docs.kernel.org/admin-guide/pm/cpufreq.html",
    ),
    Rule(
        ("host.memory.total", "host.memory.swap", "host.cgroup.memory", "host.memory.ecc*"),
        "may",
        "It decides whether a run fits, and with ECC whether a flipped bit is mended or computed with.",
        "https://docs.kernel.org/driver-api/edac.html",
    ),
    Rule(
        ("host.network.cards*", "host.network.infiniband", "host.network.infiniband/*"),
        "may",
        "Collective libraries choose their transport and algorithm by the cards, and with that the order of sums.",
        "https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/env.html",
    ),
    Rule(
        ("host.container", "host.container.runtime", "host.container.image_id"),
        "may",
        "What a container brings is compared by itself; its limits and hidden devices act on libraries.",
        "https://docs.kernel.org/admin-guide/cgroup-v2.html",
    ),
    Rule(
        (
            *("host.name", "host.container.id", "host.container.image", "host.firmware.*", "host.board"),
            *("host.product.*", "host.cloud.*", "host.network.infiniband.identities*"),
        ),
        "cannot",
        "It names the machine; what computes in it stands in facts of their own.",
        "https://docs.kernel.org/admin-guide/abi-testing.html",
    ),
)
