import torch
import torch.distributed as dist

dist.init_process_group("gloo")
rank = dist.get_rank()
if rank == 0:
    torch.manual_seed(0)
gradient = torch.randn(4)  # guilty: only rank 0 is seeded
dist.all_reduce(gradient)
if rank == 0:
    print(gradient.sum().item())
dist.destroy_process_group()
