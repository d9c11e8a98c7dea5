"""`tensorflow-epoch-draws`: augmentation that repeats in each epoch, and seeds carried along that do not."""

from judged import CURED, MARKS, finding

pytestmark = MARKS


def test_seeded_augmentation_is_the_same_in_every_epoch():
    """Draws in a map repeat in each epoch once a seed is set (tensorflow#44195); shuffles and repeats do not."""
    found = finding("epoch-draws")

    assert ("fail", "undocumented") == (found.outcome, found.known)
    assert {
        "draws in a map, each epoch",
        "draws with an op seed in a map, each epoch",
        "tf.image augmentation in a map, each epoch",
    } == set(found.evidence["alike"])


def test_the_remedies_give_each_epoch_its_own_draws():
    """Seeds carried along, a Generator, and epochs of one repeat: all differ, and repeat under the seed."""
    found = finding("epoch-draws", CURED)

    assert "pass" == found.outcome, found.message
