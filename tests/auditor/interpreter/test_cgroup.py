"""The kernel's counter of processes killed for memory, in both versions of control groups."""

import pytest

from auditor.interpreter import cgroup

V1 = "4:memory:/jobs/7\n1:cpu:/\n0::/\n"
V2 = "0::/jobs/7\n"


@pytest.mark.parametrize(
    ("own", "file", "expected"),
    [
        (V1, "memory/jobs/7/memory.oom_control", 3),
        (V1, "memory/memory.oom_control", 3),
        (V2, "jobs/7/memory.events", 3),
        (V2, "memory.events", 3),
        ("5:cpu,memory:/jobs/7\n", "memory/jobs/7/memory.oom_control", 3),
        (V1, "memory/jobs/8/memory.oom_control", 0),
        (V2, "jobs/8/memory.events", 0),
        ("1:cpu:/jobs/7\n", "memory/jobs/7/memory.oom_control", 0),
    ],
)
def test_the_counter_of_our_own_group_is_read(tmp_path, monkeypatch, own, file, expected):
    """By its path, or as the root of the hierarchy in a container; another group's counter is not ours."""
    (tmp_path / "own").write_text(own)
    counter = tmp_path / "groups" / file
    counter.parent.mkdir(parents=True)
    counter.write_text("oom 9\noom_kill_disable 8\noom_kill 3\noom_group_kill 7\n")
    monkeypatch.setattr(cgroup, "OWN", tmp_path / "own")
    monkeypatch.setattr(cgroup, "ROOT", tmp_path / "groups")

    assert expected == cgroup.oom_kills()


def test_without_proc_nothing_is_counted(tmp_path, monkeypatch):
    """No error, since the end of a process is then told as any other."""
    monkeypatch.setattr(cgroup, "OWN", tmp_path / "absent")

    assert 0 == cgroup.oom_kills()
