"""The parts of `tools/on_gpu.py`: its steps, the table of code for GPUs, the time limits, the wheels, the results."""
