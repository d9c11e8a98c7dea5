import pytest
import support
from planting import setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]


def test_a_full_checkpoint_trains_on_as_if_nothing_had_happened():
    """With every part saved, a fresh process continues with the same bits, for AdamW and for SGD with momentum."""
    verdict = support.verdict("torch-resume")

    assert "pass" == verdict.outcome
    assert {"AdamW loaded: optimizer exp_avg", "SGD loaded: optimizer momentum_buffer"} <= set(verdict.evidence["held"])


def test_moments_and_a_scale_that_are_not_saved_are_named(tmp_path):
    """An optimizer that saves no moments, and a scaler that saves its first scale: both parts are named as lost."""
    setup = setup_file(
        tmp_path,
        """
        import torch.optim
        plain = torch.optim.Optimizer.state_dict
        def forgetful(self):
            found = plain(self)
            lost = ("exp_avg", "momentum_buffer")
            kept = {key: {name: part for name, part in held.items() if name not in lost}
                    for key, held in found["state"].items()}
            return dict(found, state=kept)
        torch.optim.Optimizer.state_dict = forgetful
        scaled = torch.amp.GradScaler.state_dict
        torch.amp.GradScaler.state_dict = lambda self: dict(scaled(self), scale=1024.0)
        """,
    )

    verdict = support.verdict("torch-resume", setup=setup)

    broken = verdict.evidence["broken"]
    assert "fail" == verdict.outcome
    assert "nothing" == broken["AdamW loaded: optimizer exp_avg"]["observed"]
    assert "refused: KeyError" == broken["AdamW continued: losses"]["observed"]
    assert {"SGD loaded: optimizer momentum_buffer", "SGD loaded: scaler", "SGD continued: losses"} <= set(broken)
    assert {"SGD loaded: model", "SGD loaded: torch generator", "SGD loaded: loader"} <= set(verdict.evidence["held"])
