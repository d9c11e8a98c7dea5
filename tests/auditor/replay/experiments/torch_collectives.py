"""Each collective that fills fresh memory; with `unseeded`, rank 0 sends what it drew."""

import sys

import torch
import torch.distributed as dist

dist.init_process_group("gloo")
rank = dist.get_rank()
if "unseeded" not in sys.argv:
    torch.manual_seed(rank)
own = torch.randn(4)  # guilty


def fresh(*shape):
    """Memory that was used before: what lies in it differs from fill to fill."""
    return torch.empty(*shape)


received = [fresh(4), fresh(4)]
dist.all_gather(received, own)
joined = fresh(8)
dist.all_gather_into_tensor(joined, own)
exchanged = fresh(4)
dist.all_to_all_single(exchanged, own)
gathered = [fresh(4), fresh(4)] if rank == 0 else None
dist.gather(own, gathered)
sent = own if rank == 0 else fresh(4)
dist.broadcast(sent, 0)
part = fresh(4)
dist.scatter(part, [own, own + 1] if rank == 0 else None)
if rank == 0:
    dist.send(own, 1)
    message = own
else:
    message = fresh(4)
    dist.recv(message, 0)
objects = [own.tolist() if rank == 0 else None]
dist.broadcast_object_list(objects, 0)
dist.barrier()
parts = [*received, joined, exchanged, *(gathered or []), sent, part, message]
print(rank, sum(one.sum().item() for one in parts), sum(objects[0]))
dist.destroy_process_group()
