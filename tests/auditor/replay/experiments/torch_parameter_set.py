import torch

torch.manual_seed(0)
model = torch.nn.Sequential(*(torch.nn.Linear(16, 16) for _ in range(12)))
decayed = {parameter for parameter in model.parameters() if parameter.dim() > 1}


def norm(parameters):
    total = torch.zeros(())
    for parameter in parameters:  # guilty: a set of objects
        total = total + parameter.grad.norm() ** 2
    return total.sqrt()


values = torch.randn(4, 16)
for _ in range(3):
    model.zero_grad()
    model(values).pow(2).sum().backward()
    length = norm(decayed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= 0.01 * parameter.grad / length
print(model(values).sum().item(), length.item())
