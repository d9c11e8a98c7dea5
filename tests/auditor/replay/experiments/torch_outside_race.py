import torch

torch.manual_seed(0)
a, b = torch.randn(8, 4), torch.randn(8, 2)
x = torch.linalg.lstsq(a, b, driver="gelsd").solution
y = torch.zeros(20, 3)
y.index_put_((torch.tensor([1, 2]),), torch.ones(2, 3), accumulate=True)
print("done", x.shape)
