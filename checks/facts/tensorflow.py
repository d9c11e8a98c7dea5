"""Facts about TensorFlow: release, build, devices, and every current determinism and precision switch."""

from __future__ import annotations

import sys

from .. import fact
from ..declare import NotApplicable
from ..fact import probe
from ._live import answers, at, named

FRAMEWORK = "tensorflow"


def _live(meaning, path, role="software"):
    """The probe of one name of TensorFlow."""
    return probe(role, meaning, "tensorflow." + path, at("tensorflow", path))


def _build(meaning, name, product=""):
    """
    The probe of one key of `get_build_info()`.

    Without CUDA or ROCm such keys are missing, and TensorFlow's documentation calls all of them "subject to change".
    """

    def read():
        import tensorflow

        told = dict(tensorflow.sysconfig.get_build_info())
        if name not in told:
            raise NotApplicable("this TensorFlow was built without %s" % (product or name))
        return named(told[name])

    return probe("software", meaning, "tensorflow.sysconfig.get_build_info", read)


def _build_info():
    import tensorflow

    told = tensorflow.sysconfig.get_build_info()
    return sorted("%s=%s" % (name, named(told[name])) for name in told)


def _compile_flags():
    """The flags that extensions need, without folders, which are specific to the machine."""
    import tensorflow

    return [flag for flag in tensorflow.sysconfig.get_compile_flags() if not flag.startswith(("-I", "-L"))]


def _op_determinism():
    """Whether enable_op_determinism is on; TensorFlow has no public name for it."""
    from tensorflow.python.framework import config

    if not hasattr(config, "is_op_determinism_enabled"):
        raise fact.Unknown("this release does not report whether op determinism is on")
    return bool(config.is_op_determinism_enabled())


def _onednn():
    """Whether oneDNN kernels run: built in, and enabled by TF_ENABLE_ONEDNN_OPTS and the processor (measured)."""
    from tensorflow.python.util import _pywrap_util_port

    return bool(_pywrap_util_port.IsMklEnabled())


def _seed():
    """The global seed. Raises NotApplicable if none is set: every process then draws its own."""
    from tensorflow.python.eager import context

    seed = context.global_seed()
    if seed is None:
        raise NotApplicable("tf.random.set_seed was not called")
    return seed


def _devices():
    """`name: model, capability` of every device other than the CPU."""
    import tensorflow

    found = [one for one in tensorflow.config.list_physical_devices() if one.device_type != "CPU"]
    if not found:
        raise NotApplicable(_no_device(tensorflow))
    lines = []
    for one in found:
        details = tensorflow.config.experimental.get_device_details(one)
        capability = ".".join(str(part) for part in details.get("compute_capability", ()))
        lines.append("%s: %s, capability %s" % (one.name, details.get("device_name", ""), capability or "none"))
    return lines


def _no_device(tensorflow):
    if tensorflow.test.is_built_with_cuda() or tensorflow.test.is_built_with_rocm():
        return "this TensorFlow sees no accelerator"
    return "this TensorFlow was built without CUDA and ROCm"


def _keras():
    """Keras, if TensorFlow or the user has loaded it."""
    loaded = sys.modules.get("keras")
    if loaded is None or not hasattr(loaded, "config"):
        raise fact.Unknown("Keras is not loaded, and reading it would load it")
    return loaded


def _keras_backend():
    return _keras().config.backend()


def _keras_float():
    return _keras().config.floatx()


def _experimental_options():
    import tensorflow

    return sorted("%s=%s" % pair for pair in tensorflow.config.optimizer.get_experimental_options().items())


PROBES = {
    "tensorflow.version": _live("release", "version.VERSION"),
    "tensorflow.git_version": _live("commit that TensorFlow was built from", "version.GIT_VERSION"),
    "tensorflow.compiler": _live("compiler that built TensorFlow", "version.COMPILER_VERSION"),
    "tensorflow.graph_version": _live("version of the graph format", "version.GRAPH_DEF_VERSION"),
    "tensorflow.build": probe("software", "all build information", "get_build_info", _build_info),
    "tensorflow.build.cuda": _build("CUDA of the build", "cuda_version", "CUDA"),
    "tensorflow.build.cudnn": _build("cuDNN of the build", "cudnn_version", "cuDNN"),
    "tensorflow.build.cuda_capabilities": _build(
        "GPUs that the build has code for", "cuda_compute_capabilities", "CUDA"
    ),
    "tensorflow.build.is_cuda": _build("built with CUDA", "is_cuda_build"),
    "tensorflow.build.is_rocm": _build("built with ROCm", "is_rocm_build"),
    "tensorflow.build.is_xla": _live("built with XLA", "test.is_built_with_xla()"),
    "tensorflow.build.cxx11_abi": _live("new C++ ABI", "sysconfig.CXX11_ABI_FLAG"),
    "tensorflow.build.cxx": _live("C++ standard", "sysconfig.CXX_VERSION"),
    "tensorflow.build.monolithic": _live("built as one library", "sysconfig.MONOLITHIC_BUILD"),
    "tensorflow.build.flags": probe("software", "flags for extensions", "get_compile_flags", _compile_flags),
    "tensorflow.devices": probe("machine", "accelerators that TensorFlow sees", "list_physical_devices", _devices),
    "tensorflow.deterministic": probe("software", "op determinism on", "is_op_determinism_enabled", _op_determinism),
    "tensorflow.seed": probe("software", "global seed", "context.global_seed", _seed),
    "tensorflow.tf32": _live("TF32 in matmul", "config.experimental.tensor_float_32_execution_enabled()"),
    "tensorflow.onednn": probe("software", "oneDNN kernels in use", "IsMklEnabled", _onednn),
    "tensorflow.threads.intra": _live(
        "intra-op threads, 0 is all", "config.threading.get_intra_op_parallelism_threads()"
    ),
    "tensorflow.threads.inter": _live(
        "inter-op threads, 0 is all", "config.threading.get_inter_op_parallelism_threads()"
    ),
    "tensorflow.jit": _live("XLA autoclustering", "config.optimizer.get_jit()"),
    "tensorflow.optimizer": probe("software", "graph optimiser", "get_experimental_options", _experimental_options),
    "tensorflow.functions_run_eagerly": _live("functions are not compiled", "config.functions_run_eagerly()"),
    "tensorflow.eager": _live("eager execution", "executing_eagerly()"),
    "tensorflow.synchronous": _live("synchronous execution", "config.experimental.get_synchronous_execution()"),
    "tensorflow.soft_placement": _live("soft placement", "config.get_soft_device_placement()"),
    "tensorflow.keras.version": probe(
        "software", "release of Keras", "keras.__version__", lambda: _keras().__version__
    ),
    "tensorflow.keras.backend": probe("software", "backend of Keras", "keras.config", _keras_backend),
    "tensorflow.keras.float": probe("software", "default float type of Keras", "keras.config", _keras_float),
    "tensorflow.keras.policy": probe(
        "software", "mixed precision policy of Keras", "keras.config", lambda: _keras().config.dtype_policy().name
    ),
}
KEYS = fact.keys(PROBES)
STARTING = (
    *("tensorflow.devices", "tensorflow.threads.intra", "tensorflow.threads.inter", "tensorflow.jit"),
    *("tensorflow.optimizer", "tensorflow.soft_placement"),
)
"""Each reads the context's configuration, for which TensorFlow lists the physical devices."""


def started():
    """Whether the program's context has listed the physical devices."""
    from tensorflow.python.eager import context

    made = context._context
    return made is not None and made._physical_devices is not None


def collect(request):
    """Every fact about TensorFlow."""
    return answers(request, PROBES, STARTING, started)
