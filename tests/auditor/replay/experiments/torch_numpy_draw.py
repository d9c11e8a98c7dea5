import numpy
import torch

torch.manual_seed(0)
noise = torch.from_numpy(numpy.random.rand(4))  # guilty: NumPy's global generator is not seeded
print(noise.sum().item())
