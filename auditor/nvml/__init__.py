"""Facts of NVIDIA GPUs, from the driver's management library (NVML)."""
