"""operators.json: what it holds, what it never holds, and that it is read as hostile data."""

import json

import made_observed as made
import pytest

from auditor.errors import UsageError
from auditor.experiment import model, portable
from auditor.manifest.models import Experiment, Seeding
from auditor.privacy.modes import Privacy

SIGNATURES = [made.signature(calls=9), made.signature("aten::index_put_", made.tensor(9), line=7)]


def test_what_is_written_is_read_again_with_equal_ids(tmp_path):
    """The ids join the measurements of two machines."""
    path = tmp_path / portable.NAME
    path.write_bytes(portable.document(SIGNATURES, Privacy("identified")))
    found = portable.read(path)

    assert [one.id for one in SIGNATURES] == [one.id for one in found]
    assert [("train.py:41", 9), ("train.py:7", 3)] == [(one.first.text, one.calls) for one in found]


def test_an_anonymous_file_names_no_file_and_no_module():
    """Names of files and of modules can name an author."""
    text = portable.document(SIGNATURES, Privacy("anonymous")).decode()

    assert "train.py" not in text
    assert "head" not in text
    assert "aten::index_put_" in text


def test_an_anonymous_experiment_names_no_file():
    """Neither its command, nor the lines of its draws."""
    drawn = Seeding(
        generator="numpy", seeded=False, draws=1, file="/home/me/mine.py", line=3, seeded_at="/home/me/mine.py:9"
    )
    given = Experiment(command=["python", "mine.py"], seeds=[drawn], unseen=["mine.py (process 3): it is partial"])
    written = model.without_names(given)

    assert "mine" not in written.model_dump_json()
    assert ("numpy", False, True) == (
        written.seeds[0].generator,
        written.seeds[0].seeded,
        bool(written.seeds[0].seeded_at),
    )


def test_a_long_list_stays_below_a_mebibyte_and_says_what_is_missing():
    """The most frequent ones are kept."""
    many = [made.signature(f"aten::operator_{number}.Tensor", calls=9000 - number) for number in range(9000)]
    data = portable.document(many, Privacy("identified"))
    held = json.loads(data)

    assert len(data) < 1 << 20
    assert 9000 == held["left_out"] + len(held["signatures"])
    assert "aten::operator_0.Tensor" == held["signatures"][0]["operator"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": "urn:auditor:operators:v1"}', '{"format": "x", "signatures": []}']
)
def test_another_file_is_refused(tmp_path, text):
    """With a sentence, not with a traceback."""
    path = tmp_path / "any.json"
    path.write_text(text)

    with pytest.raises(UsageError, match="no file of operator signatures"):
        portable.read(path)
