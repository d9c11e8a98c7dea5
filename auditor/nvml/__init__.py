"""Facts of NVIDIA GPUs, from the management library that comes with the driver."""
