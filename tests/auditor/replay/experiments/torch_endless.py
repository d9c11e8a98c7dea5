import torch

torch.manual_seed(0)
net = torch.nn.Linear(4, 2)
opt = torch.optim.Adam(net.parameters())
while True:
    opt.zero_grad()
    net(torch.randn(3, 4)).sum().backward()
    opt.step()
