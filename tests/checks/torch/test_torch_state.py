import pytest
import support
from planting import setup_file

from auditor.interpreter.conversation import Failed, Ok

pytestmark = pytest.mark.frameworks

LEAKS = {
    "torch cuDNN": "torch.backends.cudnn.benchmark = not torch.backends.cudnn.benchmark",
    "torch attention backends": "torch.backends.cuda.enable_flash_sdp(False)",
    "torch autocast": "torch.set_autocast_dtype('cpu', torch.float16)",
    "torch default device": "torch.set_default_device('meta')",
    "torch default dtype": "torch.set_default_dtype(torch.float64)",
    "torch deterministic algorithms": "torch.use_deterministic_algorithms(True)",
    "torch float32 matmul precision": "torch.set_float32_matmul_precision('medium')",
    "torch grad mode": "torch.set_grad_enabled(False)",
    "torch intra-op threads": "torch.set_num_threads(torch.get_num_threads() + 1)",
    "torch oneDNN": "torch.backends.mkldnn.enabled = False",
}


def test_every_leaked_switch_is_named(tmp_path):
    """An operator that moves torch's switches while it is measured turns the check into an error that names them."""
    lines = ["real = torch.set_rng_state", "def leaking(state):", "    real(state)"]
    lines += ["    " + change for change in LEAKS.values()]
    setup = setup_file(tmp_path, "\n".join([*lines, "torch.set_rng_state = leaking"]))

    reply = support.measure("torch-same-seed", setup=setup)

    assert isinstance(reply, Failed)
    assert [] == [name for name in LEAKS if name not in reply.message]


def test_generators_are_put_back():
    """A seeded measurement puts python's, NumPy's and torch's generators back, so the door reports no leak."""
    reply = support.measure("torch-same-seed", repeats=2)

    assert isinstance(reply, Ok)
    assert reply.repeats[0] == reply.repeats[1]
