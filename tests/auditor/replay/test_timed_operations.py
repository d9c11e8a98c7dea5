"""Real runs of programs that give a duration to a framework, which is no result."""

from __future__ import annotations

import textwrap

import pytest
from support import AUDITED

from auditor.replay.session import ReplayOptions, Session

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]

TRAINED = """
    import time, torch
    torch.manual_seed(0)
    layer = torch.nn.Linear(8, 1)
    speed = torch.zeros(())
    for step in range(4):
        began = time.perf_counter()
        loss = layer(torch.ones(5, 8)).square().mean()
        loss.backward()
        speed += torch.tensor(5 / (time.perf_counter() - began))
"""
ALIKE = {
    "a mean that torch computes": TRAINED + '    print(f"{loss.item():.6f}", f"{(speed / 4).item():.3f} examples/s")',
    "a metric of Keras": """
        import time
        import tensorflow as tf
        mean = tf.keras.metrics.Mean()
        for step in range(4):
            began = time.perf_counter()
            tf.reduce_sum(tf.ones((64, 64)))
            mean.update_state(time.perf_counter() - began)
        name = tf.strings.join(["mean", "of 4"]).numpy().decode()
        print(f"{name}: {float(mean.result()):.6f} s each")
    """,
    "an array of JAX": """
        import time
        import jax.numpy as jnp
        began = time.perf_counter()
        total = jnp.arange(1000).sum()
        took = jnp.asarray(time.perf_counter() - began) * 1000
        print(int(total), f"{float(took):.3f} ms")
    """,
}
OTHER = {
    "the clock sets the rate of learning": TRAINED
    + """
    with torch.no_grad():
        layer.bias -= 1e-3 * speed
    """,
    "the clock sets it beside a speed that is read": TRAINED
    + """
    with torch.no_grad():
        layer.bias -= 1e-3 * speed
    print(f"{speed.item():.3f} examples/s")
    """,
    "chance beside it": TRAINED
    + """
    noise = torch.rand((), generator=torch.Generator().manual_seed(torch.seed() % 2**31))
    print(f"{speed.item():.3f} examples/s", round(noise.item()) * 0)
    """,
}


def _tier(name, exhaustive):
    """One of each kind is left to the exhaustive tier: each takes half a minute."""
    return pytest.param(name, marks=pytest.mark.exhaustive) if name == exhaustive else name


def replayed(text, scratch):
    """The result of replaying this program on the audited environment."""
    program = scratch / "program.py"
    program.write_text(textwrap.dedent(text), encoding="utf-8")
    options = ReplayOptions([AUDITED, str(program)], scratch / "runs", runs=2, explain=False, show=False)
    told = []
    return Session(options, told.append).run(), told


@pytest.mark.parametrize("name", [_tier(name, "a metric of Keras") for name in ALIKE])
def test_operations_on_durations_are_no_difference(tmp_path, name):
    """Neither is it told on the way."""
    result, told = replayed(ALIKE[name], tmp_path)

    assert (result.verdict, [line for line in told if "DIVERGED" in line]) == ("identical", [])
    assert result.operations_equal is False
    assert any("compute on durations" in line and "program.py" in line for line in result.problems)


@pytest.mark.parametrize("name", [_tier(name, "the clock sets it beside a speed that is read") for name in OTHER])
def test_what_a_clock_changes_besides_has_diverged(tmp_path, name):
    """A state that is not read, a number that follows no clock, a draw."""
    result, _ = replayed(OTHER[name], tmp_path)

    assert result.verdict == "diverged"
