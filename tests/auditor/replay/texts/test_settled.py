"""The digest of a text without its times."""

import pytest

from auditor.replay.texts.settled import settled_digest


def digest(folder, text):
    """The digest of a text."""
    path = folder / "stdout"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return settled_digest(path)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("loss 0.5 took 3.2 s\n", "loss 0.5 took 11.25 s\n", True),
        ("2026-11-29 10:00:00 start\n", "2026-11-30 11:30:12 start\n", True),
        ("saved /tmp/abcd/x.pt\n", "saved /tmp/efgh/x.pt\n", True),
        ("loss 0.5 took 3.2 s\n", "loss 0.6 took 3.2 s\n", False),
        ("fastest: tile 64\n", "fastest: tile 32\n", False),
        ("a\nb\n", "b\na\n", False),
        ("done\n", "failed\n", False),
    ],
)
def test_times_do_not_change_the_digest_and_results_do(tmp_path, one, other, same):
    """Numbers without a word or unit of time are results."""
    assert same == (digest(tmp_path, one) == digest(tmp_path, other))


def test_what_is_no_text_has_no_digest(tmp_path):
    """Every byte of it counts."""
    assert ("", 64) == (digest(tmp_path, b"\0\1"), len(digest(tmp_path, "text")))
