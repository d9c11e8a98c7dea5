import torch

torch.manual_seed(0)


class Sampler:
    def __init__(self):
        self.generator = torch.Generator()
        self.generator.seed()

    def noise(self, like):
        return torch.randn(like.shape, generator=self.generator)  # guilty


sampler, values = Sampler(), torch.randn(4)
for _ in range(3):
    values = values + sampler.noise(values)
print(values.sum().item())
