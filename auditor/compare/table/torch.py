"""Facts of PyTorch."""

from __future__ import annotations

from . import sources
from .rule import EffectRule

TORCH = (
    EffectRule(
        ("torch.version", "torch.git_version"),
        "changes",
        "PyTorch promises equal results only within one release on one platform.",
        sources.TORCH_REPRODUCIBILITY,
        "framework",
    ),
    EffectRule(
        ("torch.build.cuda", "torch.build.rocm", "torch.build.xpu", "torch.build.mkl", "torch.build.onednn"),
        "changes",
        "Its matrix products and convolutions are those of the library that it was built with: the order of operations "
        "can change with that library's release.",
        sources.CUDA_RELEASES,
        "library",
    ),
    EffectRule(
        ("torch.cudnn.version",),
        "changes",
        "cuDNN gives the same bits within one version on one architecture only.",
        sources.CUDNN,
        "library",
    ),
    EffectRule(
        ("torch.nccl.version", "torch.mkl", "torch.nnpack"),
        "changes",
        "Another library, or another release of it, may choose other kernels and sum in another order.",
        sources.REASONING,
        "library",
    ),
    EffectRule(
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
        "The same source built differently can round differently, for example by fused multiply-add; the build decides "
        "which kernels can run.",
        sources.CONTRACTION,
    ),
    EffectRule(
        ("torch.cpu.capability",),
        "changes",
        "A linear layer gave different bits with AVX-512 than without.",
        sources.TORCH_VECTORS,
        "processor",
    ),
    EffectRule(
        ("torch.devices",),
        "changes",
        "cuBLAS promises equal bits on GPUs of one architecture with one number of multiprocessors only.",
        sources.CUBLAS,
        "processor",
    ),
    EffectRule(
        ("torch.threads.intra",),
        "changes",
        "A linear layer gives different bits with another number of threads, because sums are split over them.",
        sources.TORCH_THREADS,
    ),
    EffectRule(
        ("torch.threads.inter",),
        "may",
        "It decides how many tasks run at the same time, and so in which order they use shared state.",
        sources.REASONING,
    ),
    EffectRule(
        ("torch.deterministic.debug_mode", "torch.deterministic.warn_only"),
        "may",
        "It decides whether an operation without a deterministic form stops the program, warns or runs on.",
        sources.TORCH_DEBUG_MODE,
    ),
    EffectRule(
        ("torch.deterministic*", "torch.cudnn.deterministic", "torch.cudnn.benchmark", "torch.onednn.deterministic"),
        "changes",
        "A determinism switch chooses other algorithms, or lets each run choose by time.",
        sources.TORCH_REPRODUCIBILITY,
    ),
    EffectRule(
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
    EffectRule(
        (
            "torch.cudnn.enabled",
            "torch.onednn.enabled",
            "torch.cuda.blas_library",
            "torch.cuda.linalg_library",
            "torch.quantized.engine",
            "torch.opt_einsum.*",
            "torch.default_device",
        ),
        "changes",
        "It chooses which implementation computes; PyTorch promises equal bits neither for two computations of the "
        "same formula nor between CPU and GPU.",
        sources.TORCH_ACCURACY,
    ),
    EffectRule(
        ("torch.sdpa.*",),
        "changes",
        "Attention's output may be different depending on which backend's kernel is chosen.",
        sources.TORCH_ATTENTION,
    ),
    EffectRule(
        ("torch.mha.fast_path",),
        "changes",
        "If it is on, inference uses another implementation of attention.",
        sources.TORCH_FAST_PATH,
    ),
    EffectRule(
        ("torch.inductor.cache",),
        "cannot",
        "It is the location of compiled kernels, not their content.",
        sources.TORCH_CACHES,
    ),
    EffectRule(
        ("torch.inductor.*", "torch.dynamo.*"),
        "may",
        "Where torch.compile is used it decides how, and PyTorch promises no equal bits for another computation of the "
        "same formula; elsewhere it decides nothing.",
        sources.TORCH_ACCURACY,
    ),
    EffectRule(
        ("torch.grad", "torch.anomaly_mode"),
        "may",
        "It decides what is recorded for gradients, and with that which kernels can be chosen: attention's fast path "
        "for one needs autograd to be off.",
        sources.TORCH_FAST_PATH,
    ),
    EffectRule(
        ("torch.seed", "torch.seed/set"),
        "changes",
        "Every random draw depends on it. Below 2^32 it counts as set by the program.",
        sources.TORCH_REPRODUCIBILITY,
    ),
    EffectRule(
        ("torch.seed/drawn",),
        "cannot",
        "A process without a seed draws another value each time, so two audits of one environment differ in it.",
        sources.TORCH_REPRODUCIBILITY,
    ),
)
