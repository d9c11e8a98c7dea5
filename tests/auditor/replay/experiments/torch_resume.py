import io
import subprocess
import sys

import torch

if len(sys.argv) > 1:
    torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Dropout(0.5), torch.nn.Linear(4, 1))
optimizer = torch.optim.SGD(model.parameters(), 0.1)


def step():
    optimizer.zero_grad()
    loss = model(torch.ones(8, 4)).square().mean()  # guilty: dropout draws from a generator that was not restored
    loss.backward()
    optimizer.step()
    return loss.item()


if len(sys.argv) > 1:  # the first half: seeded, and saved without the generator's state
    step()
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, sys.stdout.buffer)
else:
    first = subprocess.run([sys.executable, __file__, "first"], stdout=subprocess.PIPE, check=True)
    saved = torch.load(io.BytesIO(first.stdout))
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    print(step())
