"""Names of temporary files, and dates in paths below a temporary folder."""

import datetime as dt
from types import SimpleNamespace

import pytest

from auditor.replay.texts.differing import are_temporary, from_gauges
from auditor.replay.texts.pieces import split

START = dt.datetime(2026, 11, 29, 11, 40, 24, tzinfo=dt.timezone.utc).timestamp()


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


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/tmp/job/outputs/%Y-%m-%d/%H-%M-%S", True),
        ("/tmp/job/outputs/%Y-%m-%d/%H-%M-%S: accuracy", True),
        ("/tmp/job/events.%s.v2", True),
        ("/tmp/job/pid-{pid}.log", True),
        ("/tmp/job/run-{name}/model.pt", True),
        ("/tmp/job/{bucket}/%H-%M-%S", False),
    ],
)
def test_paths_of_runs_that_lie_in_a_temporary_folder(path, named):
    """A working folder may be a temporary one: its paths are no more than those elsewhere."""
    runs, tokens = [], []
    for number in range(2):
        moment = dt.datetime.fromtimestamp(START + 60 * number + 1, dt.timezone.utc)
        run = SimpleNamespace(
            started=START + 60 * number,
            seconds=3.0,
            pids={4000 + number},
            names=frozenset([f"ab{number}_xyz9"]),
            own_clock=False,
        )
        text = path.format(pid=4000 + number, name=f"ab{number}_xyz9", bucket=f"bucket-{number}7")
        runs.append(run)
        tokens.append(split(moment.strftime(text.replace("%s", str(int(moment.timestamp()))))).tokens[0])

    assert ["temporary"] * 2 == [one.kind for one in tokens]
    assert named == from_gauges(tokens, runs)
