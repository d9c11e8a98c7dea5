import torch

torch.manual_seed(1)
layer = torch.nn.Linear(8, 4)
optimizer = torch.optim.AdamW(layer.parameters())
for _ in range(3):
    optimizer.zero_grad()
    loss = layer(torch.randn(5, 8)).square().mean()
    loss.backward()
    optimizer.step()
print(loss.item())
