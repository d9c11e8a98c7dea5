"""Real runs: durations, dates and the like are no results; what a clock decides, or chance beside a time, is one."""

import sys
import textwrap

import pytest

from auditor.render import replay as shown
from auditor.replay.session import ReplayOptions, Session

ALIKE = {
    "milliseconds and rates": """
        import time
        t = time.perf_counter()
        total = sum(range(200_000))
        took = time.perf_counter() - t
        print(total, f"{1000 * took:.3f} ms, {200_000 / took:.1f} items/s")
    """,
    "dates, ids, addresses, temporary names": """
        import datetime, os, tempfile
        class Model: pass
        print(datetime.datetime.now(), os.getpid(), Model(), tempfile.mkdtemp())
    """,
    "logging": """
        import logging, time
        logging.basicConfig(format="%(asctime)s %(message)s", level=logging.INFO)
        start = time.time()
        logging.info("loss %.3f", 0.5)
        logging.info("elapsed %s", time.time() - start)
    """,
    "a bar": r"""
        import random, time
        random.seed(0)
        start = time.time()
        for n in range(1, 4):
            for _ in range(int(time.time() * 1e6) % 3):
                print(f"\r{n}/3", end="")
            print(f"\r{n}/3 - loss {random.random():.3f}", end="")
        print(f" - {time.time() - start:.9f}s")
    """,
}
ALIKE["beside a thread that reads the clock"] = """
    import threading, time
    ended = threading.Event()
    def look():
        while not ended.wait(0.001):
            time.time()
    threading.Thread(target=look).start()
    start = time.time()
    total = sum(range(300_000))
    print(total, "elapsed", round(time.time() - start, 6))
    ended.set()
"""
ALIKE["names of runs"] = """
    import secrets, tempfile, uuid
    folder = tempfile.mkdtemp(prefix="run-")
    print("run", uuid.uuid4().hex[:8], str(uuid.uuid4()).upper(), secrets.token_hex(8), folder.rpartition("/")[2])
"""
OTHER = {
    "what is computed from a random name": """
        import uuid
        print("bucket", uuid.uuid4().int % 1000)
    """,
    "a digest of a random name": """
        import hashlib, uuid
        print("run", hashlib.sha256(uuid.uuid4().bytes).hexdigest()[:12])
    """,
    "a decision": """
        import time
        def tried(tile):
            t = time.perf_counter()
            sum(range(1000))
            return time.perf_counter() - t, tile
        print("fastest: tile", min(map(tried, range(50)))[1])
    """,
    "seeded by the clock": """
        import random, time
        start = time.time()
        random.seed(int(start * 1e6))
        print(f"mean {sum(random.random() for _ in range(9)):.3f}, took {time.time() - start:.6f} s")
    """,
    "hashes beside a time": """
        import time
        start = time.time()
        print(f"bucket {hash('a') % 1000}, took {time.time() - start:.6f} s")
    """,
    "a logged number": """
        import logging
        logging.warning("bucket %d", hash("a") % 100_000)
    """,
    "a loop until a time": """
        import time
        count, end = 0, time.perf_counter() + 0.02
        while time.perf_counter() < end:
            count += 1
        print("time steps", count)
    """,
    "words": """
        import time
        print("even" if int(time.time() * 1e7) // 10 % 2 else "odd", hash("a") % 7 > 3, {*"abcdef"})
    """,
}


def replayed(text, scratch, **options):
    """The result of replaying this program."""
    program = scratch / "program.py"
    program.write_text(textwrap.dedent(text))
    command = [sys.executable, str(program)]
    return Session(ReplayOptions(command, scratch / "runs", show=False, explain=False, **options), str).run()


@pytest.mark.parametrize("name", ALIKE)
def test_what_names_times_alone_is_identical(tmp_path, name):
    result = replayed(ALIKE[name], tmp_path)

    assert ("identical", None) == (result.verdict, result.divergence), (result.problems, result.texts)
    assert result.only_times
    assert result.only_times[0].second in shown.text(result)


@pytest.mark.parametrize("name", OTHER)
def test_what_is_more_than_a_time_has_diverged(tmp_path, name):
    result = replayed(OTHER[name], tmp_path)

    assert "diverged" == result.verdict
    assert not result.only_times


def test_every_byte_counts_if_that_is_asked_for(tmp_path):
    assert "diverged" == replayed(ALIKE["milliseconds and rates"], tmp_path, exact_output=True).verdict
