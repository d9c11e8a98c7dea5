"""`tensorflow-random-under-compile`: what XLA draws otherwise, documented or not, and agreement without it."""

from judged import CURED, MARKS, finding

pytestmark = MARKS


def test_xla_draws_other_floats():
    """Generators promise the same numbers under XLA and keep it for integers; the rest is documented."""
    found = finding("random-under-compile")
    undocumented = {name for name in found.evidence["broken"] if name.startswith("generator")}

    assert ("fail", "undocumented") == (found.outcome, found.known)
    assert {"generator-xla: uniform", "generator-xla: normal"} == undocumented
    assert {"generator-xla: integers", "stateless-xla: bits", "stateless: normal"} <= set(found.evidence["held"])
    assert not [name for name in found.evidence["broken"] if "xla" not in name and not name.startswith("stateful")]


def test_without_xla_seeded_draws_agree_in_every_way():
    """One by one, in a function, mapped, vectorised and in a dataset, nothing compiled by XLA."""
    found = finding("random-under-compile", CURED)

    assert "pass" == found.outcome, found.message
