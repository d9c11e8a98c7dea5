"""A wrong word gets the nearest right one, and only if one is near."""

import pytest

from auditor import cli
from auditor.catalogue import catalogue
from auditor.errors import nearest

IDS = [check.id for check in catalogue.load().checks]


@pytest.mark.parametrize(
    ("word", "known", "told"),
    [
        ("audti", cli.COMMANDS, " Did you mean audit?"),
        ("verfy", cli.COMMANDS, " Did you mean verify?"),
        ("expl", cli.COMMANDS, " Did you mean explain?"),
        ("torch-uninitialized", IDS, " Did you mean torch-uninitialised?"),
        ("pytorch-uninitialised", IDS, " Did you mean torch-uninitialised?"),
        ("tensorflow-presicion", IDS, " Did you mean tensorflow-precision?"),
        ("python-hashseed", IDS, " Did you mean python-hash-seed?"),
        ("bogus", cli.COMMANDS, ""),
        ("x", cli.COMMANDS, ""),
        ("", cli.COMMANDS, ""),
        ("nope", IDS, ""),
        ("tensorflow-foo", IDS, ""),
        ("torch-xyz", IDS, ""),
    ],
)
def test_the_nearest_word_is_named(word, known, told):
    """Ids with the same first part must be alike in the rest: `tensorflow-foo` is near to nothing."""
    assert told == nearest(word, known)


def test_a_contract_names_the_checks_that_hold_it():
    """A part of ids lists the first of them."""
    assert " Did you mean flax-linen-same-seed or flax-nnx-same-seed or haiku-same-seed?" == nearest("same-seed", IDS)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["audti"], "there is no command 'audti'. Did you mean audit?"),
        (["container", "lcok"], "there is no command 'lcok'. Did you mean lock?"),
        (["explain", "torch-uninitialized"], "Did you mean torch-uninitialised?"),
        (["check", "--check", "torch-uninitialized"], "Did you mean torch-uninitialised?"),
        (["check", "--skip", "pyton-hash-seed"], "Did you mean python-hash-seed?"),
        (["replay", "--vary", "thread", "--", "true"], "Did you mean threads"),
    ],
)
def test_every_command_suggests(arguments, told, capsys):
    """Exit 2, with the suggestion on stderr."""
    assert 2 == cli.run(arguments)
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["bogus"], ["container", "bogus"], ["explain", "nope"]])
def test_nothing_is_suggested_where_nothing_is_near(arguments, capsys):
    """The negative control."""
    assert 2 == cli.run(arguments)
    assert "Did you mean" not in capsys.readouterr().err
