"""
Products and convolutions have the precision of their dtype: no reduced-precision mode is on.

Why: TF32 and bfloat16 modes of float32 products keep 10 or 7 mantissa bits of the factors, and reduced-precision
reductions round partial sums of float16 and bfloat16. Which mode is on depends on release, device and switches
(pytorch#67384, pytorch#61890, pytorch#66212), and a loss that stops improving does not reveal it. The factors in this
check are integers whose sums are exact in float32 in any order, so a full-precision result has one right answer. The
finding names the precision that was used.

Remedy: turn off the mode that the finding names: for float32 products `torch.set_float32_matmul_precision("highest")`
and `torch.backends.cudnn.allow_tf32 = False`, for reductions
`torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction = False` and its float16 twin. Against TF32 also set
`NVIDIA_TF32_OVERRIDE=0` in the environment. Do not use autocast around code that needs float32.
"""

from __future__ import annotations

from ..declare import Check
from . import _state

TF32_SOURCE = "https://docs.pytorch.org/docs/stable/notes/cuda.html#tensorfloat-32-tf32-on-ampere-and-later-devices"
REDUCTION_SOURCE = "https://docs.pytorch.org/docs/stable/notes/numerical_accuracy.html"
CHECK = Check(
    tier="quick",
    rule="expected",
    needs=("numpy",),
    documented={
        "cuda:float32 convolution": TF32_SOURCE,
        "cuda:float16 matmul": REDUCTION_SOURCE,
        "cuda:bfloat16 matmul": REDUCTION_SOURCE,
    },
)
ROWS, SUMMED, COLUMNS = 192, 512, 160
"""Large enough that oneDNN computes the product instead of MKL in reduced precision (2.13, CPU)."""
WIDE, NARROW = 8191, 3
"""Factors up to 8191 need 13 bits, more than TF32 keeps; 512 products of at most 24,573 stay below 2**24."""
LONG = 1536
"""A single row takes kernels of its own, which choose by the length of the sum. Sums of magnitudes are below 2**24."""
KEPT_BITS = {"TF32": 10, "bfloat16": 7}
ROUNDINGS = ("to even", "away", "cut")
"""How hardware rounds the factors: ties to even, ties away from zero (TF32's conversion), or towards zero."""


def measure(settings):
    """The precision of each kind of product, expected and observed, and its error."""
    values, costs = {}, {}
    for prefix, device in _state.devices():
        values.update({prefix + name: value for name, value in _float32(device).items()})
        values.update({prefix + name: value for name, value in _half(device).items()})
        costs.update({prefix + name: cost for name, cost in _costs(device).items()})
    return dict(values, conditions={"largest error of a unit sum": costs, "switches": _switches()})


def _integers(device, *shape, high):
    import torch

    generator = torch.Generator().manual_seed(31 + high)
    return torch.randint(-high, high + 1, shape, generator=generator).to(device)


def _float32(device):
    import torch

    nn = torch.nn.functional
    left, right = _integers(device, ROWS, SUMMED, high=WIDE), _integers(device, SUMMED, COLUMNS, high=NARROW)
    long, deep = _integers(device, 2, LONG, high=NARROW), _integers(device, LONG, COLUMNS, high=WIDE)
    image, weight = _integers(device, 2, 64, 24, 24, high=WIDE), _integers(device, 48, 64, 1, 1, high=NARROW)
    forms = {
        "matmul": (lambda a, b: a @ b, left, right),
        "linear": (lambda a, b: nn.linear(a, b.t()), left, right),
        "batched matmul": (lambda a, b: torch.bmm(a[None], b[None])[0], left, right),
        "linear of one row": (lambda a, b: nn.linear(a, b.t()), long[:1], deep),
        "linear of two rows": (lambda a, b: nn.linear(a, b.t()), long, deep),
        "matrix vector": (lambda a, b: torch.mv(b.t(), a[0]), long, deep),
        "convolution": (nn.conv2d, image, weight),
    }
    return {"float32 " + name: _pair("float32", _precision(*form)) for name, form in forms.items()}


def _precision(form, left, right):
    """The precision whose exact product equals the observed one; `other` if none does."""
    found = form(left.float(), right.float())
    if str(found.dtype) != "torch.float32":
        return "result in %s" % str(found.dtype).replace("torch.", "")
    exact = form(left.double().cpu(), right.double().cpu())
    if bool((found.double().cpu() == exact).all()):
        return "float32"
    for name, bits in KEPT_BITS.items():
        for how in ROUNDINGS:
            rounded = form(_rounded(left, bits, how), _rounded(right, bits, how))
            if bool((found.double().cpu() == rounded).all()):
                return name
    return "other"


def _rounded(values, bits, how):
    """The integers rounded to that many bits after the leading one (float64, CPU)."""
    import torch

    fraction, exponent = torch.frexp(values.double().cpu())
    scaled = fraction * 2.0 ** (bits + 1)
    nearest = {"to even": scaled.round(), "away": scaled.sign() * (scaled.abs() + 0.5).floor(), "cut": scaled.trunc()}
    return torch.ldexp(nearest[how] / 2.0 ** (bits + 1), exponent)


def _half(device):
    """Sums in float16 and bfloat16: rounded once at the end, or with rounded partial sums."""
    import torch

    found = {}
    for dtype in (torch.bfloat16, torch.float16):
        left, right = _integers(device, ROWS, SUMMED, high=7), _integers(device, SUMMED, COLUMNS, high=7)
        exact = (left.double().cpu() @ right.double().cpu()).to(dtype)
        once = torch.equal((left.to(dtype) @ right.to(dtype)).cpu(), exact)
        name = "%s matmul" % str(dtype).replace("torch.", "")
        found[name] = _pair("sums in float32", "sums in float32" if once else "partial sums are rounded")
    return found


def _costs(device):
    """The largest error of a product against float64, where each sum of squares of factors is 1."""
    import torch

    left, right = (_integers(torch.device("cpu"), *shape, high=WIDE) for shape in ((ROWS, SUMMED), (SUMMED, COLUMNS)))
    left = torch.nn.functional.normalize(left.double(), dim=1)
    right = torch.nn.functional.normalize(right.double(), dim=0)
    costs = {}
    for dtype in (torch.float32, torch.bfloat16, torch.float16):
        given = left.to(device, dtype), right.to(device, dtype)
        error = (given[0] @ given[1]).double().cpu() - given[0].double().cpu() @ given[1].double().cpu()
        costs[str(dtype).replace("torch.", "")] = float(error.abs().max())
    return costs


def _switches():
    import torch

    cuda, cpu = torch.backends.cuda.matmul, getattr(torch.backends.mkldnn, "matmul", None)
    return {
        "float32 matmul precision": torch.get_float32_matmul_precision(),
        "oneDNN matmul": str(getattr(cpu, "fp32_precision", "")),
        "cuDNN TF32": torch.backends.cudnn.allow_tf32,
        "reduced float16 reduction": str(cuda.allow_fp16_reduced_precision_reduction),
        "reduced bfloat16 reduction": str(cuda.allow_bf16_reduced_precision_reduction),
    }


def _pair(expected, observed):
    return {"expected": expected, "observed": observed}
