"""The answer of `container verify` in words: each verdict, what stands behind it, and nothing hostile."""

from __future__ import annotations

import audit_example
import pytest

from auditor.manifest.models import Pair, Rebuild
from auditor.render import markdown
from auditor.render import rebuild as words

SHA256 = "ab" * 32


def answer(**more):
    """An answer with these parts."""
    return Rebuild(**{"verdict": "rebuilt", "manifest_sha256": SHA256, "checks": 7, "values": 300, **more})


@pytest.mark.parametrize(
    ("verdict", "first"),
    [
        ("rebuilt", "REBUILT: the same"),
        ("rebuilt-differs", "REBUILT ON ANOTHER MACHINE"),
        ("not-rebuilt", "NOT REBUILT:"),
        ("inconclusive", "INCONCLUSIVE"),
    ],
)
def test_the_answer_comes_first(verdict, first):
    """Then the manifest's digest and how much was compared."""
    lines = words.terminal(answer(verdict=verdict)).splitlines()

    assert lines[0].startswith(first)
    assert SHA256 in lines[1]
    assert "300 values of 7 checks" in lines[2]


def test_what_differs_is_named_with_both_sides():
    """A package, a machine's fact, a setting, other bits, what is cured, what was not compared."""
    pair = Pair(manifest="1.0", image="2.0")
    told = words.terminal(
        answer(
            verdict="not-rebuilt",
            values=1,
            checks=1,
            software={"python.distributions/numpy": pair},
            machine={"host.cpu.model": pair},
            settings={"env/OMP_NUM_THREADS": pair},
            readings={"jax-same-seed": [f"value {number}" for number in range(9)]},
            cured=["python-hash-seed"],
            problems=["nothing of torch"],
        )
    )

    assert "python.distributions/numpy: 1.0 in the manifest, 2.0 in the image" in told
    assert "host.cpu.model: 1.0" in told
    assert "env/OMP_NUM_THREADS: 1.0" in told
    assert "jax-same-seed: value 0, value 1, value 2, value 3, value 4, value 5 and 3 more" in told
    assert "python-hash-seed" in told
    assert "nothing of torch" in told
    assert "1 value of 1 check," in told


def test_many_differences_are_counted():
    """A hundred packages do not scroll the answer away."""
    pairs = {f"python.distributions/p{number}": Pair(manifest="1", image="2") for number in range(100)}
    told = words.terminal(answer(verdict="not-rebuilt", software=pairs))

    assert told.count("in the manifest") == words.SHOWN
    assert "and 80 more" in told


def test_a_hostile_name_is_inert():
    """Names and values come from somebody's manifest and somebody's image."""
    pairs = {"a\x1b[31m|\n# b": Pair(manifest="<script>", image="\u202e")}
    one = answer(verdict="not-rebuilt", software=pairs)
    predicate = audit_example.manifest().predicate.model_copy(update={"rebuilds": [one]})
    manifest = audit_example.manifest().model_copy(update={"predicate": predicate})
    report = markdown.render(manifest, SHA256)

    for text in (words.terminal(one), report):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "\n# b" not in text
    assert "<script>" not in report
    assert "## Whether this image rebuilds a manifest" in report
