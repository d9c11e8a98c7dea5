"""
Calls one operator of torch repeatedly on the same inputs, and exits with 1 if its outputs differ.

Between calls it changes the content of free memory, on which no operator may depend.

Usage: `python reproduce.py`. It needs torch alone. `operation.json` names the operator and its arguments; the files
`input-N.bin` are the bytes of the tensors among them.
"""

import ctypes
import hashlib
import json
import os
import subprocess
import sys

import torch

HERE = os.path.dirname(os.path.abspath(__file__))
CALLS, PROCESSES = 50, 5
with open(os.path.join(HERE, "operation.json"), encoding="utf-8") as handle:
    OPERATION = json.load(handle)


def tensor(told):
    """A new tensor of the inputs: the operator may change it."""
    dtype = getattr(torch, told["dtype"])
    with open(os.path.join(HERE, told["file"]), "rb") as file:
        data = bytearray(file.read())
    plain = torch.frombuffer(data, dtype=dtype) if data else torch.empty(0, dtype=dtype)
    plain = plain.clone().reshape(told["shape"])
    if 0 not in told["stride"] and list(plain.stride()) != told["stride"]:
        plain = torch.empty_strided(told["shape"], told["stride"], dtype=dtype).copy_(plain)
    return plain.to(told["device"])


def value(told, tensors):
    """An argument."""
    ((kind, content),) = told.items()
    if kind == "tensor":
        return tensors[content]
    if kind == "list":
        return [value(one, tensors) for one in content]
    if kind == "complex":
        return complex(*map(float.fromhex, content))
    if kind == "constant":
        return getattr(torch, content)
    of_text = {"integer": int, "float": float.fromhex, "device": torch.device}
    return of_text[kind](content) if kind in of_text else content


def call():
    """Call the operator; returns the digest of what it gave, and of its inputs afterwards."""
    namespace, name = OPERATION["operator"].split("::")
    operator = getattr(getattr(torch.ops, namespace), name)
    operator = getattr(operator, OPERATION["overload"] or "default")
    tensors = [tensor(told) for told in OPERATION["inputs"]]
    arguments = [value(told, tensors) for told in OPERATION["arguments"]]
    keywords = {name: value(told, tensors) for name, told in OPERATION["keywords"].items()}
    state = hashlib.sha256()
    for one in [*flat(operator(*arguments, **keywords)), *tensors]:
        plain = one.detach().cpu().contiguous()
        state.update(ctypes.string_at(plain.data_ptr(), plain.numel() * plain.element_size()))
    return state.hexdigest()


def flat(result):
    """The tensors in what an operator gives."""
    if isinstance(result, (list, tuple)):
        return [one for part in result for one in flat(part)]
    return [result] if isinstance(result, torch.Tensor) else []


def dirty(number):
    """Leave other bytes in memory that is then free: no operator may depend on them."""
    for size in (1 << 8, 1 << 12, 1 << 16, 1 << 20, 1 << 22):
        torch.full((size,), number % 251 + 1, dtype=torch.uint8)
    for told in OPERATION["inputs"] + OPERATION["outputs"]:
        if 0 not in told["shape"]:
            torch.empty(told["shape"], dtype=getattr(torch, told["dtype"])).fill_(number % 2)


def main():
    """Compare every call with the first one."""
    torch.set_num_threads(OPERATION["threads"])
    torch.use_deterministic_algorithms(OPERATION["deterministic"])
    if "--once" in sys.argv:
        print(call())
        return 0
    if OPERATION.get("unwritten"):
        return unwritten()
    found = [call()]
    if not OPERATION["draws"]:  # a generator goes on from call to call: only the first of a process counts
        for number in range(CALLS):
            dirty(number)
            found.append(call())
    found += [fresh() for _ in range(PROCESSES)]
    return told(found)


def unwritten():
    """
    The operator leaves memory as it finds it. Nothing is dirtied here.

    The C library fills fresh memory with another byte in each process (MALLOC_PERTURB_), and what comes out shows it.
    """
    return told([fresh(MALLOC_PERTURB_=str(32 * number)) for number in range(PROCESSES + 1)])


def fresh(**environment):
    """The digest from a process of its own."""
    command = [sys.executable, os.path.abspath(__file__), "--once"]
    done = subprocess.run(command, env={**os.environ, **environment}, check=True, stdout=subprocess.PIPE)
    return done.stdout.decode().strip()


def told(found):
    """Print how many calls differ from the first; returns the exit code."""
    others = sum(one != found[0] for one in found)
    print("%s: %d of %d calls differed from the first" % (OPERATION["operator"], others, len(found) - 1))
    return 1 if others else 0


if __name__ == "__main__":
    sys.exit(main())
