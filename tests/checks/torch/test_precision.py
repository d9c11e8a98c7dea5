import outcomes
import pytest
import support
from once import judged
from planting import setup_file

from auditor.catalogue import catalogue
from auditor.manifest.models import Reading

pytestmark = [pytest.mark.frameworks]
CHECK = "torch-precision"


def test_products_on_the_cpu_have_the_precision_of_their_dtype():
    """Nothing reduced is on by default, and the cost of each dtype is near its own rounding."""
    values = support.measure(CHECK).repeats[0]
    verdict = outcomes.judge(catalogue.load().check(CHECK), [Reading(check=CHECK, process="torch-1", values=values)])
    costs = values["conditions"]["largest error of a unit sum"]

    assert "pass" == verdict.outcome
    assert {"float32 matmul", "float32 linear", "float32 convolution"} <= set(verdict.evidence["held"])
    assert {"bfloat16 matmul", "float16 matmul"} <= set(verdict.evidence["held"])
    assert float.fromhex(costs["float32"]) < 1e-6 < float.fromhex(costs["float16"]) < float.fromhex(costs["bfloat16"])


@pytest.mark.slow
def test_each_reduced_precision_is_recognised(tmp_path):
    """Factors rounded to bfloat16 or to TF32, and sums of partial sums, are each called what they are."""
    setup = setup_file(
        tmp_path,
        """
        def tf32(values):
            bits = values.contiguous().view(torch.int32)
            return ((bits + 0x1000) & ~0x1FFF).view(torch.float32)
        matmul, linear, convolution = torch.Tensor.__matmul__, torch.nn.functional.linear, torch.nn.functional.conv2d
        def half_sums(a, b):
            if a.dtype == torch.bfloat16:
                return matmul(a[:, :256], b[:256]) + matmul(a[:, 256:], b[256:])
            return matmul(a, b)
        torch.Tensor.__matmul__ = half_sums
        single = lambda a: a.dtype == torch.float32
        torch.nn.functional.linear = lambda a, b: linear(tf32(a), tf32(b)) if single(a) else linear(a, b)
        def conv2d(a, b):
            return convolution(a.bfloat16().float(), b.bfloat16().float()) if single(a) else convolution(a, b)
        torch.nn.functional.conv2d = conv2d
        """,
    )

    verdict = judged(CHECK, setup)

    observed = {name: value["observed"] for name, value in verdict.evidence["broken"].items()}
    assert "fail" == verdict.outcome
    assert {
        "float32 linear": "TF32",
        "float32 linear of one row": "TF32",
        "float32 linear of two rows": "TF32",
        "float32 convolution": "bfloat16",
        "bfloat16 matmul": "partial sums are rounded",
    } == observed


@pytest.mark.slow
def test_autocast_that_a_set_up_file_leaves_on_is_found(tmp_path):
    """Under autocast a float32 product comes back in bfloat16, and the check says so."""
    setup = setup_file(tmp_path, "torch.autocast('cpu', dtype=torch.bfloat16).__enter__()")

    verdict = judged(CHECK, setup)

    assert "result in bfloat16" == verdict.evidence["broken"]["float32 matmul"]["observed"]
