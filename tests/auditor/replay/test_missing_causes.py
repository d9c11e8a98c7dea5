"""Whole replays of causes that no seed or switch removes: wrong compiled programs, caches of data, live answers."""

from __future__ import annotations

import contextlib
import itertools
import socket
import sys
import threading

import pytest
from support import AUDITED
from test_session import EXPERIMENTS, guilty_line

from auditor.replay.session import ReplayOptions, Session

pytestmark = pytest.mark.slow


def replayed(name, tmp_path, *arguments, python=sys.executable, **options):
    """The result of replaying an experiment."""
    command = [python, str(EXPERIMENTS / f"{name}.py"), *arguments]
    return Session(ReplayOptions(command, tmp_path / "runs", show=False, **options), str).run()


@pytest.mark.frameworks
@pytest.mark.parametrize(("name", "verdict", "beyond"), [("wrong", "diverged", True), ("right", "identical", False)])
def test_a_wrong_compiled_program_is_found_and_rounding_is_not(tmp_path, name, verdict, beyond):
    """The runs agree with each other in both: only without the compiler does the wrong one differ."""
    result = replayed(f"jax_{name}_compiled", tmp_path, python=AUDITED, runs=2, vary=["compile"])
    (row,) = result.sensitivity

    assert ("identical", verdict) == (result.verdict, row.verdict)
    assert beyond == (row.relative_difference > 0.1)
    assert beyond == row.note.startswith("differs by more than rounding explains")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache of the user's, which the command inherits."""
    folder = tmp_path / "cache"
    folder.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder


def test_a_cache_that_the_first_run_filled_is_the_proven_cause(tmp_path, cache):
    """Runs with empty caches give what the first run gave, and the others what is in the cache."""
    found = replayed("py_cached_data", tmp_path).divergence

    assert ("data-cache", True) == (found.cause, found.proof.names_cause)
    assert [{"data-cache": "cold"}, {"data-cache": "warm"}] == [one.settings for one in found.proof.switch]
    assert "0.30" == (cache / "prepared.txt").read_text()


def test_with_a_full_cache_the_runs_agree_and_the_factor_shows_what_it_hides(tmp_path, cache):
    """A run with empty caches differs; the user's cache is as it was."""
    (cache / "prepared.txt").write_text("0.30")
    result = replayed("py_cached_data", tmp_path, runs=2, vary=["data-cache", "tmp"])

    assert "identical" == result.verdict
    assert {"data-cache": "diverged", "tmp": "identical"} == {one.factor: one.verdict for one in result.sensitivity}
    assert ["prepared.txt"] == [path.name for path in cache.rglob("*")]


@contextlib.contextmanager
def server(answers):
    """The port of a server that gives each client the next answer."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve():
        for answer in answers:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            with client:
                client.sendall(str(answer).encode())

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


@pytest.mark.exhaustive
def test_an_answer_that_changes_whatever_is_fixed_lies_outside(tmp_path):
    """With the line that received it; nothing is called proven."""
    with server(itertools.count(7)) as port:
        result = replayed("py_live_answer", tmp_path, str(port))
    found = result.divergence

    assert ("outside-state", None, False) == (found.cause, found.proof, result.remedy.proven)
    assert guilty_line("py_live_answer") == found.source.line
    assert "It shows with every factor fixed at once" in found.because
    assert "a socket or the network" in found.because


def test_where_the_budget_ends_before_it_is_unknown(tmp_path):
    """Nothing shows then that no factor removes it."""
    with server(itertools.count(7)) as port:
        result = replayed("py_live_answer", tmp_path, str(port), budget_runs=5)

    assert ("unknown", "") == (result.divergence.cause, result.divergence.because)


def test_an_answer_that_stays_is_no_difference(tmp_path):
    """The same program."""
    with server(itertools.repeat(7)) as port:
        assert "identical" == replayed("py_live_answer", tmp_path, str(port)).verdict
