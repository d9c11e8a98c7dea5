import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(8, 16), nn.GELU(), nn.Linear(16, 1))
step = torch.compile(lambda batch: model(batch).square().mean())
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(3):
    optimizer.zero_grad()
    loss = step(torch.randn(4, 8))
    loss.backward()
    optimizer.step()
frames = torch._dynamo.utils.counters["frames"]
print(loss.item().hex(), model[0].weight.sum().item().hex(), frames["ok"])
