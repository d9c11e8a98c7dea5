"""The factor `task-order` at queues: workers that live on take jobs one after the other, and no program hangs of it."""

import subprocess
import sys

import pytest
from support import ROOT

BEGIN = """
import queue, sys, threading, time
sys.path.insert(0, ROOT)
from checks.factors import task_order
ON and task_order.install()
"""
WORKERS = """
jobs, done = queue.Queue(), []
def work():
    while True:
        job = jobs.get()
        time.sleep(0.002 if job % 4 else 0.02)
        done.append(job)
        jobs.task_done()
for _ in range(4):
    threading.Thread(target=work, daemon=True).start()
for job in range(24):
    jobs.put(job)
jobs.join()
print(done == sorted(done))
"""
STAGES = """
first, second, done = queue.Queue(), queue.Queue(), []
def square():
    while (job := first.get()) is not None:
        time.sleep(0.01 if job % 3 == 0 else 0.001)
        second.put(job)
    second.put(None)
def keep():
    ended = 0
    while ended < 3:
        job = second.get()
        ended += job is None
        done.extend([job] if job is not None else [])
threads = [threading.Thread(target=square) for _ in range(3)] + [threading.Thread(target=keep)]
for thread in threads:
    thread.start()
for job in [*range(18), None, None, None]:
    first.put(job)
for thread in threads:
    thread.join()
print(done == sorted(done))
"""
STOPPED = """
jobs, stop, done = queue.Queue(), threading.Event(), []
def work():
    while not stop.is_set():
        try:
            done.append(jobs.get(timeout=0.05))
        except queue.Empty:
            continue
threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for job in range(9):
    jobs.put(job)
time.sleep(0.3)
stop.set()
for thread in threads:
    thread.join()
print(sorted(done) == list(range(9)))
"""
TOGETHER = """
jobs, both, done = queue.Queue(), threading.Barrier(2), []
def work():
    job = jobs.get()
    both.wait()
    done.append(job)
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
jobs.put(1)
jobs.put(2)
for thread in threads:
    thread.join()
print(sorted(done) == [1, 2])
"""


def printed(program, *, on):
    """What it prints, with the factor on or off."""
    text = BEGIN.replace("ROOT", repr(str(ROOT))).replace("ON and", f"{on} and") + program
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


@pytest.mark.parametrize("program", [WORKERS, STAGES])
def test_jobs_are_done_in_the_order_in_which_they_were_put(program):
    """Four workers at one queue, and two stages; without the factor some overtake others."""
    assert "True\n" == printed(program, on=True)
    assert "False\n" == printed(program, on=False)


@pytest.mark.parametrize("program", [STOPPED, TOGETHER])
def test_a_program_that_needs_its_workers_at_once_goes_on(program):
    """Workers that look at a flag between two jobs, and workers that wait for each other."""
    assert "True\n" == printed(program, on=True)
