"""Facts of PyTorch."""

from __future__ import annotations

from . import sources
from .rule import Rule

TORCH = (
    Rule(
        ("torch.version", "torch.git_version"),
        "changes",
        "PyTorch promises equal results within one release on one platform, and between releases nothing.",
        sources.TORCH_REPRODUCIBILITY,
        "framework",
    ),
    Rule(
        ("torch.build.cuda", "torch.build.rocm", "torch.build.xpu", "torch.build.mkl", "torch.build.onednn"),
        "changes",
        "Its matrix products and convolutions are those of the library it was built with.",
        sources.TORCH_REPRODUCIBILITY,
        "library",
    ),
    Rule(
        ("torch.cudnn.version", "torch.nccl.version", "torch.mkl", "torch.nnpack"),
        "changes",
        "Another library, or another release of it, chooses other kernels and sums in another order.",
        sources.TORCH_REPRODUCIBILITY,
        "library",
    ),
    Rule(
        (
            "torch.build.compiler",
            "torch.build.settings*",
            "torch.build.configuration",
            "torch.build.openmp",
            "torch.build.architectures",
            "torch.debug_build",
            "torch.cxx11_abi",
            "torch.distributed",
        ),
        "may",
        "The same source built otherwise can round otherwise; what is built in decides which kernels can run.",
        sources.TORCH_REPRODUCIBILITY,
    ),
    Rule(
        ("torch.cpu.capability",),
        "changes",
        "The vector width of the CPU kernels decides how sums are split: AVX-512 and AVX2 give other bits.",
        sources.TORCH_VECTORS,
        "processor",
    ),
    Rule(
        ("torch.devices",),
        "changes",
        "Another GPU runs other kernels; equal seeds do not give equal results across devices.",
        sources.TORCH_REPRODUCIBILITY,
        "processor",
    ),
    Rule(
        ("torch.threads.intra",),
        "changes",
        "Sums are split over the threads, so their number decides the order of additions.",
        sources.TORCH_THREADS,
    ),
    Rule(
        ("torch.threads.inter",),
        "may",
        "Tasks run side by side in another number; what they share can be reached in another order.",
        sources.TORCH_THREADS,
    ),
    Rule(
        ("torch.deterministic.debug_mode", "torch.deterministic.warn_only"),
        "may",
        "It decides whether an operation without a deterministic form stops the program or runs on.",
        sources.TORCH_REPRODUCIBILITY,
    ),
    Rule(
        ("torch.deterministic*", "torch.cudnn.deterministic", "torch.cudnn.benchmark", "torch.onednn.deterministic"),
        "changes",
        "A determinism switch chooses other algorithms, or lets each run choose by time.",
        sources.TORCH_REPRODUCIBILITY,
    ),
    Rule(
        (
            "torch.float32_matmul_precision",
            "torch.fp32_precision",
            "torch.cudnn.allow_tf32",
            "torch.cudnn.*.precision",
            "torch.cuda.matmul.*",
            "torch.onednn.*precision",
            "torch.sdpa.math_reduction",
            "torch.autocast.*",
            "torch.default_dtype",
        ),
        "changes",
        "A precision switch decides how many bits of each factor or sum are kept.",
        sources.TORCH_ACCURACY,
    ),
    Rule(
        (
            "torch.cudnn.enabled",
            "torch.onednn.enabled",
            "torch.cuda.blas_library",
            "torch.cuda.linalg_library",
            "torch.sdpa.*",
            "torch.mha.fast_path",
            "torch.quantized.engine",
            "torch.opt_einsum.*",
            "torch.default_device",
        ),
        "changes",
        "It chooses which implementation computes, and each sums in its own order.",
        sources.TORCH_ACCURACY,
    ),
    Rule(
        ("torch.inductor.cache",),
        "cannot",
        "How many compiled kernels are kept, not which.",
        "https://docs.pytorch.org/tutorials/recipes/torch_compile_caching_tutorial.html",
    ),
    Rule(
        ("torch.inductor.*", "torch.dynamo.*"),
        "may",
        "It decides numbers where torch.compile is used, and nothing elsewhere.",
        sources.TORCH_ACCURACY,
    ),
    Rule(
        ("torch.grad", "torch.anomaly_mode"),
        "may",
        "It decides what is recorded for gradients, and with that which kernels can be chosen.",
        sources.TORCH_ACCURACY,
    ),
    Rule(
        ("torch.seed", "torch.seed/set"),
        "changes",
        "Everything that is drawn at random begins from it. Below 2^32 it counts as set by the program.",
        sources.TORCH_REPRODUCIBILITY,
    ),
    Rule(
        ("torch.seed/drawn",),
        "cannot",
        "A process that sets no seed draws another one each time: two audits of one environment differ in it.",
        sources.TORCH_REPRODUCIBILITY,
    ),
)
