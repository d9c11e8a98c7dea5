import pytest
import support
from planting import blamed, setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]

OTHER_DRIVER = """
real = torch.linalg.lstsq
torch.linalg.lstsq = lambda a, b, driver="gelsd": real(a, b, driver=driver)
"""
"""Cures the one operator of torch 2.13 that reads what it did not write, and so leaves only what is planted."""
FEW = """
from _auditor_checks.torch import _operators
every = _operators.cases
_operators.cases = lambda: {name: every()[name] for name in ("lstsq", "pixel_shuffle", "cumsum", "conv2d")}
"""
"""Four of the two hundred calls, where a test needs no more."""
UNWRITTEN = """
real_shuffle = torch.nn.functional.pixel_shuffle
torch.nn.functional.pixel_shuffle = lambda x, factor: torch.empty_like(real_shuffle(x, factor))
"""


def test_lstsq_with_another_driver_is_clean(tmp_path):
    """With that operator cured every call agrees under every fill."""
    verdict = support.verdict("torch-uninitialised", setup=setup_file(tmp_path, OTHER_DRIVER))

    assert "pass" == verdict.outcome


def test_an_operator_that_leaves_its_result_unwritten_is_named(tmp_path):
    """A planted read of `torch.empty` is found under its name, and nothing else is."""
    setup = setup_file(tmp_path, FEW + OTHER_DRIVER + UNWRITTEN)

    verdict = support.verdict("torch-uninitialised", setup=setup)

    assert "fail" == verdict.outcome
    assert {"pixel_shuffle"} == blamed(verdict)


def test_lstsq_takes_stale_memory_for_pivots(tmp_path):
    """It reads unwritten memory in the audited torch 2.13 (pytorch#187411); cured, all calls agree (see above)."""
    setup = setup_file(tmp_path, FEW)

    filled, zeroed = (_values({"memory-fill": fill}, setup) for fill in ("85", "255"))

    assert 4 == len(filled) - 1
    assert ["lstsq"] == [name for name in filled if filled[name] != zeroed[name] and name != "conditions"]


def test_every_call_is_really_made():
    """No call is refused, and the canaries of every size class show the fill."""
    filled = _values({"memory-fill": "85"})

    canary = filled.pop("conditions")["canary"]
    assert [] == [name for name, value in filled.items() if value.startswith("refused")]
    assert len(filled) >= 200
    assert {"aa"} == set(canary.values())
    assert {"small fresh", "medium fresh", "medium recycled", "large fresh", "large recycled"} == set(canary)


def _values(settings, setup=""):
    return dict(support.measure("torch-uninitialised", settings=settings, setup=setup).repeats[0])


def test_torchs_own_filling_does_not_hide_the_canaries(tmp_path):
    """With `empty` filled by the determinism switch the canaries still show what the C library left."""
    setup = setup_file(tmp_path, FEW + "torch.use_deterministic_algorithms(True)")

    reply = support.measure("torch-uninitialised", settings={"memory-fill": "170"}, setup=setup)

    assert {"55"} == set(reply.repeats[0]["conditions"]["canary"].values())
