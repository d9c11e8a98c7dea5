"""Lines of several processes: put side by side by process; what one process prints keeps its order."""

import hashlib
import sys
import textwrap

import pytest

from auditor.replay.runs import by_process, noted
from auditor.replay.runs.output import Printed
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


RANKS = """
    import subprocess, sys
    if len(sys.argv) > 1:
        import os, time
        time.sleep(0.15 * (os.urandom(1)[0] % 2) if sys.argv[1] == "0" else 0.07)
        print("rank", sys.argv[1], "of 2", flush=True)
        print("rank", sys.argv[1], "ends", flush=True)
    else:
        for one in [subprocess.Popen([sys.executable, __file__, str(n)]) for n in range(2)]:
            one.wait()
        print("all ended", flush=True)
"""
ARRIVAL = """
    import multiprocessing, os, time
    def work(n):
        time.sleep(0.15 * (os.urandom(1)[0] % 2) if n == 0 else 0.07)
        return n
    if __name__ == "__main__":
        with multiprocessing.Pool(2) as pool:
            for found in pool.imap_unordered(work, range(2)):
                print("result", found, flush=True)
"""


@pytest.mark.parametrize(("program", "verdict"), [(RANKS, "identical"), (ARRIVAL, "diverged")])
@pytest.mark.slow
def test_ranks_may_print_in_any_order_and_one_process_may_not(tmp_path, monkeypatch, program, verdict):
    """Two ranks whose first lines come in an order that a coin decides; a parent that prints results as they arrive."""
    (tmp_path / "program.py").write_text(textwrap.dedent(program))
    monkeypatch.chdir(tmp_path)
    options = ReplayOptions([sys.executable, "program.py"], tmp_path / "runs", show=False, runs=12, budget_runs=0)
    result = Session(options, str).run()

    assert verdict == result.verdict
    orders = {run.read_text() for run in (tmp_path / "runs").glob("*/stdout")} if verdict == "identical" else {1, 2}
    assert 1 < len(orders)
