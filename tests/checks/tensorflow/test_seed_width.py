"""`tensorflow-seed-width`: seeds that this release takes for one, and what takes them apart."""

from judged import CURED, MARKS, finding

pytestmark = MARKS


def test_seeds_that_are_equal_modulo_a_prime_give_the_same_draws():
    """Seeds 2^31 - 1 apart are one seed to operations and shuffles; Generators and stateless draws tell them apart."""
    found = finding("seed-width")
    kinds = {name.partition(":")[0] for name in found.evidence["alike"]}

    assert ("fail", 9) == (found.outcome, len(found.evidence["alike"]))
    assert {"global seed, op seed 3", "op seed", "dataset shuffle"} == kinds


def test_with_all_bits_of_a_seed_they_differ():
    """Cured: seeds go to the operations unreduced, whose attributes hold 64 bits."""
    found = finding("seed-width", CURED)

    assert "pass" == found.outcome, found.message
