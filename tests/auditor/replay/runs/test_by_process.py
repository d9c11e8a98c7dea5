"""Lines of several processes: put side by side by process; what one process prints keeps its order."""

import hashlib
import sys
import textwrap

import pytest

from auditor.replay.cause.run_pair import outputs_differ
from auditor.replay.runs import by_process, noted
from auditor.replay.runs.output import Printed
from auditor.replay.runs.run import Setup, run
from auditor.replay.session import ReplayOptions, Session


def digests(*lines):
    """What a process leaves of the lines that it printed."""
    return b"".join(hashlib.blake2b(line.encode(), digest_size=by_process.DIGEST_BYTES).digest() for line in lines)


def grouped(folder, text, **said):
    """The text that is compared; `main__2` stands for the lineage `main.2`."""
    folder.mkdir()
    noted.prepare(folder)
    for lineage, lines in said.items():
        (folder / noted.SAID / lineage.replace("__", ".")).write_bytes(digests(*lines))
    path = folder / "stdout"
    path.write_text(text)
    found = by_process.grouped(Printed(path, hashlib.sha256(text.encode()).hexdigest(), len(text)), folder)
    assert hashlib.sha256(found.path.read_bytes()).hexdigest() == found.sha256
    return found.path.read_text()


def test_the_order_between_processes_does_not_count(tmp_path):
    """Two ranks, in both orders; the tenth comes after the second."""
    ranks = {"main__2": ["rank 0", "done"], "main__10": ["rank 1"]}
    first = grouped(tmp_path / "a", "rank 1\nrank 0\ndone\n", **ranks)
    second = grouped(tmp_path / "b", "rank 0\ndone\nrank 1\n", **ranks)

    assert "rank 0\ndone\nrank 1\n" == first == second


def test_the_order_within_a_process_counts(tmp_path):
    """Also where another process prints beside it."""
    first = grouped(tmp_path / "a", "x\na\nb\n", main=["x"], main__0=["a", "b"])
    second = grouped(tmp_path / "b", "x\nb\na\n", main=["x"], main__0=["b", "a"])

    assert first != second


def test_lines_of_nobody_keep_their_order_behind_the_others(tmp_path):
    """As of a program that is no Python."""
    assert "x\na\nC 1\nC 2\n" == grouped(tmp_path / "a", "C 1\na\nC 2\nx\n", main=["x"], main__0=["a"])


@pytest.mark.parametrize("said", [{}, {"main": ["b", "a"]}])
def test_what_one_process_printed_is_compared_as_it_came(tmp_path, said):
    """A line without an end too."""
    assert "b\na" == grouped(tmp_path / "a", "b\na", **said)


TURN = """
    import os, pathlib, time
    elsewhere = pathlib.Path(os.environ["ELSEWHERE"])
    def come_second():
        while not (elsewhere / "first").exists():
            time.sleep(0.01)
    def take_turn():
        turn = int((elsewhere / "turn").read_text())
        (elsewhere / "turn").write_text(str(1 - turn))
        (elsewhere / "first").unlink(missing_ok=True)
        return turn
"""
"""Which of two comes first is another one in each run."""
RANKS = """
    import subprocess, sys
    if len(sys.argv) > 1:
        if sys.argv[1] != sys.argv[2]:
            come_second()
        print("rank", sys.argv[1], "of 2", flush=True)
        print("rank", sys.argv[1], "ends", flush=True)
        (elsewhere / "first").touch()
    else:
        turn = str(take_turn())
        for one in [subprocess.Popen([sys.executable, __file__, str(n), turn]) for n in range(2)]:
            one.wait()
        print("all ended", flush=True)
"""
ARRIVAL = """
    import multiprocessing
    def work(given):
        if given[0] != given[1]:
            come_second()
        return given[0]
    if __name__ == "__main__":
        turn = take_turn()
        with multiprocessing.Pool(2) as pool:
            for found in pool.imap_unordered(work, [(n, turn) for n in range(2)]):
                print("slow" if found else "fast", "ended", flush=True)
                (elsewhere / "first").touch()
"""


@pytest.mark.parametrize(("program", "verdict"), [(RANKS, "identical"), (ARRIVAL, "diverged")])
@pytest.mark.slow
def test_ranks_may_print_in_any_order_and_one_process_may_not(tmp_path, monkeypatch, program, verdict):
    """Two ranks whose first lines change places in each run; a parent that prints results as they arrive."""
    work, elsewhere = tmp_path / "work", tmp_path / "elsewhere"
    work.mkdir()
    elsewhere.mkdir()
    (elsewhere / "turn").write_text("0")
    monkeypatch.setenv("ELSEWHERE", str(elsewhere))
    (work / "program.py").write_text(textwrap.dedent(TURN) + textwrap.dedent(program))
    monkeypatch.chdir(work)
    command = [sys.executable, "program.py"]
    found = [run(command, Setup(tmp_path / name, show=False)) for name in ("a", "b")]

    assert (tmp_path / "a" / "stdout").read_text() != (tmp_path / "b" / "stdout").read_text()
    assert (["stdout"] if verdict == "diverged" else []) == outputs_differ(*found)
    options = ReplayOptions(command, tmp_path / "runs", show=False, explain=False)
    assert verdict == Session(options, str).run().verdict
