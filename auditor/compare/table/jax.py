"""Facts of JAX."""

from __future__ import annotations

from . import sources
from .rule import Rule

JAX = (
    Rule(
        ("jax.version", "jax.git_version", "jax.jaxlib.version", "jax.jaxlib.git_version"),
        "changes",
        "jaxlib holds the compiler and the kernels: another release fuses and rounds otherwise.",
        sources.JAX_VERSIONS,
        "framework",
    ),
    Rule(
        ("jax.plugins", "jax.backend.*"),
        "changes",
        "The plugin and its compiler turn the program into kernels.",
        sources.XLA_DETERMINISM,
        "library",
    ),
    Rule(
        ("jax.backend", "jax.devices"),
        "changes",
        "Another kind of device runs other kernels, with another default precision.",
        "https://docs.jax.dev/en/latest/201/precision.html",
        "processor",
    ),
    Rule(
        ("jax.devices.count", "jax.devices.local", "jax.processes"),
        "may",
        "Where a computation is spread over devices, their number decides how sums are split.",
        sources.JAX_GPU,
    ),
    Rule(
        (
            "jax.config.jax_enable_x64",
            "jax.config.jax_explicit_x64_dtypes",
            "jax.config.jax_default_matmul_precision",
            "jax.config.jax_numpy_dtype_promotion",
            "jax.config.jax_allow_f16_reductions",
        ),
        "changes",
        "It decides with how many bits is computed.",
        sources.JAX_PRECISION,
    ),
    Rule(
        (
            "jax.config.jax_default_prng_impl",
            "jax.config.jax_threefry_partitionable",
            "jax.config.jax_threefry_gpu_kernel_lowering",
            "jax.config.jax_random_seed_offset",
            "jax.config.jax_enable_custom_prng",
            "jax.config.jax_legacy_prng_key",
            "jax.config.jax_high_dynamic_range_gumbel",
        ),
        "changes",
        "It decides which random numbers a key gives.",
        "https://docs.jax.dev/en/latest/jax.random.html",
    ),
    Rule(
        (
            "jax.config.jax_disable_jit",
            "jax.config.jax_disable_most_optimizations",
            "jax.config.jax_optimization_level",
            "jax.config.jax_exec_time_optimization_effort",
            "jax.config.jax_memory_fitting_*",
            "jax.config.eager_constant_folding",
            "jax.config.jax_softmax_custom_jvp",
            "jax.config.jax2tf_associative_scan_reductions",
            "jax.config.jax_ragged_dot_*",
            "jax.config.jax_use_magma",
            "jax.config.jax_bcoo_cusparse_lowering",
            "jax.config.jax_pallas_use_mosaic_gpu",
            "jax.config.jax_compiler_enable_remat_pass",
            "jax.config.jax_backend_target",
            "jax.config.jax_platform*",
            "jax.config.jax_default_device",
            "jax.config.jax_num_cpu_devices",
        ),
        "changes",
        "It decides what is compiled together, how, or for which device; fused operations round less often.",
        sources.JAX_OPTIONS,
    ),
    Rule(
        (
            "jax.config.jax_log*",
            "jax.config.jax_debug_log_modules",
            "jax.config.jax_explain_cache_misses",
            "jax.config.jax_dump_ir_*",
            "jax.config.jax_*traceback*",
            "jax.config.jax_pprint_use_color",
            "jax.config.jax_captured_constants_*",
            "jax.config.jax_source_url_schema",
            "jax.config.jax_hlo_source_file_canonicalization_regex",
            "jax.config.jax_include_*_in_*",
            "jax.config.jax_compilation_cache_dir",
            "jax.config.jax_*_timeout_*",
            "jax.config.jax_cross_host_trans*",
            "jax.config.jax_compiler_detailed_logging_min_ops",
            "jax.config.jax_pallas_verbose_errors",
        ),
        "cannot",
        "It decides what is logged, dumped, shown or waited for, and where compiled code is kept.",
        sources.JAX_OPTIONS,
    ),
    Rule(
        ("jax.config.*",),
        "may",
        "A switch of the compiler, of checks or of transformations, without a rule of its own.",
        sources.JAX_OPTIONS,
    ),
)
