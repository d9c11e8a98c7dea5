"""Lines of output as words and tokens."""

import pytest

from auditor.replay.texts.pieces import MOST_BYTES, lines_of, split


def tokens(line):
    """(kind, value) of each token."""
    return [(token.kind, token.value) for token in split(line).tokens]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("loss 0.5, 12 ms", "loss 0.5,  1.25 s"),
        ("  3.5it/s", "2.25s/it"),
        ("Epoch ━━━━━━ 3/3", "Epoch ━━━━ 3/3"),
        ("101/101 1s 12ms/step - loss 0.5", "101/101 2s 1s/step - loss 0.5"),
        ("?it/s", "3.5it/s"),
        ("elapsed 0:00:05", "elapsed 0:00:05.123"),
        ("saved runs/Nov29_11-40-24_host", "saved runs/Dec01_09-05-00_host"),
        ("<Model object at 0x7f12ab34cd56>", "<Model object at 0x55aa12ab34cd>"),
        ("in /tmp/tmpabc123/x", "in /tmp/tmpzzzzzz/y"),
        ("2026-11-29 11:40:24,424 INFO", "2026-11-29 11:41:24,001 INFO"),
        ("logs/ppo_20261129-131744-566333", "logs/ppo_20261129-131756-000001"),
        ("runs/20231114T221524196000", "runs/20231115T000000000001"),
        ("I1129 11:40:24.424242     409 cpu.cc:227] hi", "I1129 11:41:00.000001    7409 cpu.cc:227] hi"),
    ],
)
def test_lines_that_differ_in_tokens_alone_have_the_same_words(one, other):
    assert split(one).words == split(other).words
    assert len(split(one).tokens) == len(split(other).tokens)


@pytest.mark.parametrize(("one", "other"), [("tile 16 wins", "tile 16 loses"), ("a 1", "a 1 2"), ("x 1 b", "x b 1")])
def test_other_words_are_other_words(one, other):
    assert split(one).words != split(other).words


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("12 ms", [("amount", 0.012)]),
        ("1.5e3 us", [("amount", 0.0015)]),
        ("2s/it", [("amount", 0.5)]),
        ("20ms/step", [("amount", 50.0)]),
        ("0s/step", [("amount", None)]),
        ("-3.25", [("amount", -3.25)]),
        ("loss: nan", []),
        ("1:02:03", [("moment", 3723.0)]),
        ("02:03.5", [("moment", 123.5)]),
        ("12,345.5 tok/s", [("amount", 12345.5)]),
        ("run_1795000000", [("amount", 1795000000.0)]),
    ],
)
def test_amounts_are_in_seconds_if_they_have_a_unit_of_time(line, expected):
    assert expected == [(kind, value and pytest.approx(value)) for kind, value in tokens(line)]


@pytest.mark.parametrize(
    ("line", "timely"),
    [
        ("took 3.5", [True]),
        ("3.5 images/s", [True]),
        ("train_runtime: 3.5", [True]),
        ("loss 0.5", [False]),
        ("time 0.5 loss 0.25", [True, False]),
        ("fastest: tile 64", [False]),
        ("epoch 3", [False]),
    ],
)
def test_a_label_counts_for_the_next_token_alone(line, timely):
    assert timely == [token.timely for token in split(line).tokens]


def test_what_a_terminal_overwrites_is_left_out(tmp_path):
    path = tmp_path / "stdout"
    path.write_bytes(b" 10%|#\r 50%|###\r100%|#####\n\x1b[1mdone\x1b[0m\r\n")

    assert ["100%|#####", "done", ""] == [line.text for line in lines_of(path)]


@pytest.mark.parametrize(
    ("line", "interim"),
    [
        (b"1/4 ===\r3/4 ====  - loss 0.5", True),
        (b"1/4 ===\r4/4 =====  - loss 0.5", False),
        (b"3/4 ====  - loss 0.5", False),
        (b"x\rloss 3/4", False),
    ],
)
def test_a_bar_that_is_not_full_is_told(tmp_path, line, interim):
    path = tmp_path / "stdout"
    path.write_bytes(line)

    line = lines_of(path)[0]

    assert {interim} == {token.interim for token in split(line.text, rewritten=line.rewritten).tokens}


@pytest.mark.parametrize("content", [b"\0\1\2", b"x" * (MOST_BYTES + 1)])
def test_binary_and_very_long_output_is_not_examined(tmp_path, content):
    path = tmp_path / "stdout"
    path.write_bytes(content)

    assert lines_of(path) is None


@pytest.mark.parametrize(
    "line",
    ["x 1e99999999", "x 1e" + "9" * 5000, "process 1e400", "1" * 5000 + "/2 ===", "9" * 5000, "1e-400s/it", "0:99:99"],
)
def test_no_number_is_too_odd(line):
    """What a program prints is hostile."""
    assert split(line, rewritten=True).tokens


@pytest.mark.parametrize(
    ("line", "memory"), [("memory 412.5 MB", True), ("RSS: 3 GiB", True), ("members 17", False), ("size 3 MB", False)]
)
def test_memory_is_told_by_a_word_and_a_unit(line, memory):
    assert [memory] == [token.memory for token in split(line).tokens]
