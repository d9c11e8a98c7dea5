"""
Adds values into 64 bins: `torch_steps.py DEVICE race|deterministic`.

`index_add_` on CUDA adds with atomics, in an order that changes from run to run. `use_deterministic_algorithms` selects
another kernel. A linear layer and its gradients follow, so that cuBLAS and autograd run too.
"""

import sys

import torch

device, mode = sys.argv[1:]
torch.manual_seed(0)
torch.use_deterministic_algorithms(mode == "deterministic")
layer = torch.nn.Linear(64, 64).to(device)
optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
bins = torch.randint(0, 64, (1 << 20,)).to(device)
values = torch.randn(1 << 20).to(device)
for step in range(3):
    totals = torch.zeros(64, device=device).index_add_(0, bins, values)
    loss = layer(totals / 1000).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, loss.item().hex())
