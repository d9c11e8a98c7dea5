"""Names of temporary files."""

import pytest

from auditor.replay.texts.differing import are_temporary


@pytest.mark.parametrize(
    ("first", "second", "drawn"),
    [
        ("/tmp/tmpab12cd_3/x", "/tmp/tmpzz9_cd8k/x", True),
        ("/tmp/tmp.aB3dE5", "/tmp/tmp.Zx9Qw1", True),
        ("/tmp/job_k3j2h1g0.txt", "/tmp/job_p0o9i8u7.txt", True),
        ("/tmp/work/bucket-17", "/tmp/work/bucket-23", False),
        ("/tmp/work/bucket-170000", "/tmp/work/bucket-230000", False),
        ("/tmp/work/a", "/tmp/work/a/b", False),
        ("/tmp/work/cats", "/tmp/work/elephants", False),
    ],
)
def test_names_that_look_drawn(first, second, drawn):
    assert drawn == are_temporary([first, second])
