import numpy as np
import torch

torch.manual_seed(0)
noise = np.random.rand(4)
table = torch.zeros(100_000, requires_grad=True)
opt = torch.optim.SGD([table], lr=1e-3)
index = torch.randint(100_000, (300_000,))
weight = torch.randn(300_000)
for step in range(3):
    loss = (table[index] * weight).sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
print("done", noise.shape)
