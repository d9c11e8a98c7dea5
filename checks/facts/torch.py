"""Facts about PyTorch: release, build, devices, and every current determinism and precision switch."""

from __future__ import annotations

import re

from .. import fact
from ..declare import NotApplicable
from ..fact import probe
from . import _inductor
from ._live import answers, at

FRAMEWORK = "torch"


def _live(meaning, path, role="software", unit=""):
    """The probe of one name of torch."""
    return probe(role, meaning, "torch." + path, at("torch", path), unit)


def _legacy(meaning, path):
    """The probe of an older precision switch, which torch refuses to read once the newer interface was used."""

    def read():
        try:
            return at("torch", path)()
        except RuntimeError as refusal:
            raise fact.Unknown("torch refuses to report it: %s" % str(refusal).split("\n", 1)[0]) from None

    return probe("software", meaning, "torch." + path, read)


def configuration_settings():
    """The `NAME=VALUE` pairs of `torch.__config__.show()`, sorted; values may hold commas and spaces."""
    line = _configuration_line("Build settings: ")
    pairs = re.split(r",\s+(?=[A-Z][A-Z0-9_]*=)", line.rstrip(", "))
    return sorted(pair.strip() for pair in pairs if "=" in pair)


def _configuration():
    import torch

    return torch.__config__.show()


def _configuration_line(beginning):
    for line in _configuration().splitlines():
        text = line.strip().lstrip("- ")
        if text.startswith(beginning):
            return text[len(beginning) :].strip()
    raise NotApplicable("this build does not report it")


def _named_in_configuration(meaning, beginning):
    return probe("software", meaning, "torch.__config__.show", lambda: _configuration_line(beginning))


def _version(name, product):
    """A reader of a version in `torch.version`, where None means that torch was built without the product."""

    def read():
        import torch

        version = getattr(torch.version, name, None)
        if version is None:
            raise NotApplicable("this torch was built without %s" % product)
        return version

    return read


def _need_cuda():
    """Raise NotApplicable, with the reason, where torch can use no CUDA or ROCm device."""
    import torch

    if torch.cuda.is_available():
        return
    if torch.version.cuda is None and getattr(torch.version, "hip", None) is None:
        raise NotApplicable("this torch was built without CUDA and ROCm")
    raise NotApplicable("this torch sees no CUDA or ROCm device")


def _cudnn():
    import torch

    _need_cuda()
    return torch.backends.cudnn.version()


def _nccl():
    import torch

    if not torch.distributed.is_available() or not torch.distributed.is_nccl_available():
        raise NotApplicable("this torch was built without NCCL")
    return ".".join(str(part) for part in torch.cuda.nccl.version())


def _devices():
    """`index: name, capability x.y, N byte, N multiprocessors` of every device."""
    import torch

    _need_cuda()
    found = []
    for index in range(torch.cuda.device_count()):
        one = torch.cuda.get_device_properties(index)
        text = "%d: %s, capability %d.%d, %d byte, %d multiprocessors"
        found.append(text % (index, one.name, one.major, one.minor, one.total_memory, one.multi_processor_count))
    return found


def _architectures():
    import torch

    if torch.version.cuda is None and getattr(torch.version, "hip", None) is None:
        raise NotApplicable("this torch was built without CUDA and ROCm")
    return list(torch.cuda.get_arch_list())


PROBES = {
    "torch.version": _live("release", "__version__"),
    "torch.git_version": _live("commit that torch was built from", "version.git_version"),
    "torch.debug_build": _live("debug build", "version.debug"),
    "torch.cxx11_abi": _live("new C++ ABI", "compiled_with_cxx11_abi()"),
    "torch.build.configuration": probe(
        "software", "build configuration as torch prints it", "torch.__config__.show", _configuration
    ),
    "torch.build.settings": probe("software", "settings of the build", "torch.__config__.show", configuration_settings),
    "torch.build.compiler": _named_in_configuration("compiler that built torch", "GCC"),
    "torch.build.mkl": _named_in_configuration("MKL", "Intel(R) oneAPI Math Kernel Library Version"),
    "torch.build.onednn": _named_in_configuration("oneDNN", "Intel(R) MKL-DNN"),
    "torch.build.openmp": _named_in_configuration("OpenMP", "OpenMP"),
    "torch.build.cuda": probe("software", "CUDA of the build", "torch.version.cuda", _version("cuda", "CUDA")),
    "torch.build.rocm": probe("software", "ROCm of the build", "torch.version.hip", _version("hip", "ROCm")),
    "torch.build.xpu": probe("software", "oneAPI of the build", "torch.version.xpu", _version("xpu", "XPU")),
    "torch.build.architectures": probe(
        "software", "GPUs that the build has code for", "torch.cuda.get_arch_list", _architectures
    ),
    "torch.cudnn.version": probe("software", "cuDNN in use", "torch.backends.cudnn.version", _cudnn),
    "torch.nccl.version": probe("software", "NCCL of the build", "torch.cuda.nccl.version", _nccl),
    "torch.distributed": _live("distributed package built in", "distributed.is_available()"),
    "torch.devices": probe("machine", "GPUs that torch sees", "torch.cuda.get_device_properties", _devices),
    "torch.cpu.capability": _live("instruction set of its kernels", "backends.cpu.get_cpu_capability()"),
    "torch.deterministic": _live("deterministic algorithms on", "are_deterministic_algorithms_enabled()"),
    "torch.deterministic.warn_only": _live(
        "deterministic algorithms only warn", "is_deterministic_algorithms_warn_only_enabled()"
    ),
    "torch.deterministic.debug_mode": _live(
        "determinism debug mode: 0 off, 1 warn, 2 error", "get_deterministic_debug_mode()"
    ),
    "torch.deterministic.fill": _live(
        "fresh memory is filled under the switch", "utils.deterministic.fill_uninitialized_memory"
    ),
    "torch.seed": _live("seed of the default generator", "initial_seed()", role="volatile"),
    "torch.default_dtype": _live("default dtype", "get_default_dtype()"),
    "torch.default_device": _live("default device", "get_default_device()"),
    "torch.float32_matmul_precision": _legacy("float32 matmul precision", "get_float32_matmul_precision()"),
    "torch.fp32_precision": _live("float32 precision of all backends", "backends.fp32_precision"),
    "torch.threads.intra": _live("intra-op threads", "get_num_threads()"),
    "torch.threads.inter": _live("inter-op threads", "get_num_interop_threads()"),
    "torch.grad": _live("gradients recorded", "is_grad_enabled()"),
    "torch.anomaly_mode": _live("anomaly mode", "is_anomaly_enabled()"),
    "torch.autocast.cpu": probe("software", "CPU autocast", "torch.is_autocast_enabled", lambda: _autocast("cpu")),
    "torch.autocast.cuda": probe("software", "CUDA autocast", "torch.is_autocast_enabled", lambda: _autocast("cuda")),
    "torch.cudnn.enabled": _live("cuDNN used", "backends.cudnn.enabled"),
    "torch.cudnn.deterministic": _live("deterministic cuDNN", "backends.cudnn.deterministic"),
    "torch.cudnn.benchmark": _live("cuDNN autotuning", "backends.cudnn.benchmark"),
    "torch.cudnn.allow_tf32": _legacy("TF32 in cuDNN", "backends.cudnn.allow_tf32"),
    "torch.cudnn.conv.precision": _live("float32 convolutions in cuDNN", "backends.cudnn.conv.fp32_precision"),
    "torch.cudnn.rnn.precision": _live("float32 RNNs in cuDNN", "backends.cudnn.rnn.fp32_precision"),
    "torch.cuda.matmul.allow_tf32": _legacy("TF32 in matmul", "backends.cuda.matmul.allow_tf32"),
    "torch.cuda.matmul.precision": _live("float32 matmul in cuBLAS", "backends.cuda.matmul.fp32_precision"),
    "torch.cuda.matmul.fp16_reduction": _live(
        "float16 reductions at reduced precision", "backends.cuda.matmul.allow_fp16_reduced_precision_reduction"
    ),
    "torch.cuda.matmul.bf16_reduction": _live(
        "bfloat16 reductions at reduced precision", "backends.cuda.matmul.allow_bf16_reduced_precision_reduction"
    ),
    "torch.cuda.matmul.fp16_accumulation": _live(
        "float16 accumulation", "backends.cuda.matmul.allow_fp16_accumulation"
    ),
    "torch.cuda.blas_library": _live("preferred BLAS", "backends.cuda.preferred_blas_library()"),
    "torch.cuda.linalg_library": _live("preferred linear algebra", "backends.cuda.preferred_linalg_library()"),
    "torch.sdpa.flash": _live("flash attention allowed", "backends.cuda.flash_sdp_enabled()"),
    "torch.sdpa.memory_efficient": _live("memory efficient attention", "backends.cuda.mem_efficient_sdp_enabled()"),
    "torch.sdpa.math": _live("plain attention allowed", "backends.cuda.math_sdp_enabled()"),
    "torch.sdpa.cudnn": _live("cuDNN attention allowed", "backends.cuda.cudnn_sdp_enabled()"),
    "torch.sdpa.math_reduction": _live(
        "plain attention reduces in low precision", "backends.cuda.fp16_bf16_reduction_math_sdp_allowed()"
    ),
    "torch.mha.fast_path": _live("fast path of attention layers", "backends.mha.get_fastpath_enabled()"),
    "torch.onednn.enabled": _live("oneDNN used", "backends.mkldnn.enabled"),
    "torch.onednn.deterministic": _live("deterministic oneDNN", "backends.mkldnn.deterministic"),
    "torch.onednn.precision": _live("float32 precision in oneDNN", "backends.mkldnn.fp32_precision"),
    "torch.onednn.matmul.precision": _live("float32 matmul in oneDNN", "backends.mkldnn.matmul.fp32_precision"),
    "torch.onednn.conv.precision": _live("float32 convolutions in oneDNN", "backends.mkldnn.conv.fp32_precision"),
    "torch.mkl": _live("MKL built in", "backends.mkl.is_available()"),
    "torch.nnpack": _live("NNPACK usable", "backends.nnpack.is_available()"),
    "torch.quantized.engine": _live("engine of quantised operators", "backends.quantized.engine"),
    "torch.opt_einsum.enabled": _live("einsum paths are optimised", "backends.opt_einsum.enabled"),
    "torch.opt_einsum.available": _live("opt_einsum is available", "backends.opt_einsum.is_available()"),
    "torch.opt_einsum.strategy": _live("how einsum paths are chosen", "backends.opt_einsum.strategy"),
}
PROBES.update(_inductor.PROBES)
KEYS = fact.keys(PROBES)


def _autocast(device):
    import torch

    return torch.is_autocast_enabled(device)


STARTING = ("torch.devices", "torch.cudnn.version", "torch.cuda.blas_library")
"""Each queries the CUDA or ROCm driver for devices, which initialises it."""


def _started():
    """Whether the driver is initialised, or cannot be because torch was built without one."""
    import torch

    return torch.cuda.is_initialized() or (torch.version.cuda is None and getattr(torch.version, "hip", None) is None)


def collect(request):
    """Every fact about PyTorch."""
    return answers(request, PROBES, STARTING, _started)
