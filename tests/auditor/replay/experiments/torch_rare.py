import os
import sys

import torch

torch.manual_seed(0)
values = torch.ones(4)
number = os.getpid()
if len(sys.argv) > 1:  # which run this is: the first one of ten is the rare one
    with open(sys.argv[1], "a+") as file:
        file.write(".")
        number = file.tell() - 1
if number % 10 == 0:  # guilty: one run in ten
    values = values + 1e-3
print((values * 2).sum().item())
