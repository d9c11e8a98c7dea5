import torch

model = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.Dropout(0.2), torch.nn.Linear(16, 1))
with torch.no_grad():
    for parameter in model.parameters():
        parameter.fill_(0.1)
step = torch.compile(model)
loss = step(torch.arange(32.0).reshape(4, 8)).pow(2).mean()  # guilty: the dropout inside draws
loss.backward()
print(loss.item(), model[0].weight.grad.sum().item())
