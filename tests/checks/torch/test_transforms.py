import pytest
import support
from planting import setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]


def test_transforms_agree_with_their_plain_forms():
    """Derivatives by every mode, vectorised maps, checkpoints and loops agree here, up to rounding."""
    verdict = support.verdict("torch-transforms")

    assert "pass" == verdict.outcome
    assert {"same", "rounding"} == set(verdict.evidence["classes"].values())
    assert {"solve: hessian", "attention: vmap", "checkpoint: output", "scan: outputs"} <= set(
        verdict.evidence["classes"]
    )


def test_a_wrong_rule_and_a_forgotten_state_are_found(tmp_path):
    """
    A batching rule off by a thousandth, a forward derivative without a term, a checkpoint with another mask.

    And a gradient of softplus that is zero at zero.
    """
    setup = setup_file(
        tmp_path,
        """
        import torch.utils.checkpoint
        vmap, jvp, checkpoint = torch.func.vmap, torch.func.jvp, torch.utils.checkpoint.checkpoint
        torch.func.vmap = lambda function, **options: lambda *given: vmap(function, **options)(*given) * 1.001
        def halved(function, given, tangents):
            output, derivative = jvp(function, given, tangents)
            return output, derivative / 2
        torch.func.jvp = halved
        torch.utils.checkpoint.checkpoint = lambda function, given, **options: checkpoint(
            function, given, **dict(options, preserve_rng_state=False))
        class Softplus(torch.autograd.Function):
            @staticmethod
            def forward(context, x):
                context.save_for_backward(x)
                return torch.log1p(torch.exp(x))
            @staticmethod
            def backward(context, gradient):
                (x,) = context.saved_tensors
                return gradient * torch.where(x == 0, 0, torch.sigmoid(x))
        torch.nn.functional.softplus = Softplus.apply
        """,
    )

    verdict = support.verdict("torch-transforms", setup=setup)

    beyond = {name for name, kind in verdict.evidence["classes"].items() if kind == "beyond"}
    assert ("fail", "wrong") == (verdict.outcome, verdict.evidence["class"])
    assert {"first derivative of softplus", "second derivative of softplus"} <= beyond
    assert not {name for name in beyond if "derivative of" in name and "softplus" not in name}
    assert {"linear: vmap", "layers: jvp", "checkpoint: gradient of the input"} <= beyond
    assert not {"layers: jacrev", "layers: finite differences", "checkpoint: output", "functional_call"} & beyond
