"""Printed times are no results: what follows our clocks, and what only looks as if it did."""

import hashlib
from dataclasses import replace

import pytest
from streams import folder_of

from auditor.replay.cause.only_times import FASTER, STEP_SECONDS, follows_clock, found_in
from auditor.replay.runs.output import Printed
from auditor.replay.runs.run import Run
from auditor.replay.texts.differing import results_differ
from auditor.replay.texts.pieces import split

START = 1_795_000_000.0


class Texts:
    """Prepared runs: `tell(clock, number)` says what a run prints; clock 0 is the real one."""

    def __init__(self, scratch, tell, *, stderr="", steps=lambda _clock: 1):
        self.scratch, self.tell, self.stderr, self.steps = scratch, tell, stderr, steps
        self.made = []

    def run(self, clock=0.0):
        """One run."""
        number = len(self.made)
        folder = self.scratch / f"run-{number}"
        folder_of(folder, ("aten::add", self.steps(clock), 3)).close()
        stderr = self.stderr(clock, number) if callable(self.stderr) else self.stderr
        printed = []
        for name, text in (("stdout", self.tell(clock, number)), ("stderr", stderr)):
            path = folder / name
            path.write_text(text)
            printed.append(Printed(path, hashlib.sha256(text.encode()).hexdigest(), len(text)))
        self.made.append(clock)
        return Run(folder, 0, 2.0, *printed, started=START + 10 * number, pids=frozenset({4000 + number}))

    def __call__(self, settings, _purpose):
        """A run under a clock of ours."""
        return self.run(float(settings["clock"].partition(":")[2]))

    def found(self):
        """What three baseline runs show."""
        return found_in([self.run() for _ in range(3)], self)


def seconds(clock, number, *, calls=3):
    """How long something took that reads the clock so often."""
    return calls * clock if clock else 0.5 + number / 7


TIMES = {
    "milliseconds": lambda clock, number: f"loss 0.5 {1000 * seconds(clock, number):.1f} ms\n",
    "a rate": lambda clock, number: f"loss 0.5 {64 / seconds(clock, number):.3f} images/s\n",
    "no label": lambda clock, number: f"0.5 {seconds(clock, number):.4f}\n",
    "coarse": lambda clock, number: f"epoch 1 took {seconds(clock, number):.1f}s\n",
    "a bar that was not full": lambda clock, number: f"1/9 ==\r{9 if clock else 7 + number}/9 === epoch\n",
    "elapsed": lambda clock, number: f"elapsed 0:00:{seconds(clock, number):05.2f}\n",
}


def logged(value):
    """A line of stderr; under another clock there is one line more."""
    return lambda clock, number: "slow\n" * bool(clock) + f"epoch took {value(number):.2f} s, loss 0.5\n"


SPEEDS = {
    "cut off": lambda clock, number: f"loss 0.5 fps {int(256 / seconds(clock, number, calls=500))}\n",
    "beside a duration": lambda clock, number: (
        f"400 steps in {(took := seconds(clock, number, calls=2022)):.1f} s ({400 / took:.0f} steps/s)\n"
    ),
    "in an event file": lambda clock, number: (
        f"step 256, time/fps: float32[] {float(int(256 / seconds(clock, number, calls=300)))}\n"
    ),
    "cut off, with a point": lambda clock, number: f"fps {float(int(9 / seconds(clock, number)))}\n",
}
"""Whole numbers that a slow clock makes too small."""
PASSING = {
    "a bar that went on": lambda clock, number: (
        f"1/9 ==\r{4 + (number + int(9 * clock)) % 6}/9 === loss {number}epoch 1\n8/9\r9/9 ==== loss 0.5\n"
    ),
    "one that was full in a run": lambda _clock, number: (
        f"1/9 ==\r{9 - number % 2}/9 === loss {number % 2}epoch 1\n8/9\r9/9 ==== loss 0.5\n"
    ),
}
"""Bars that another print broke off, and that went on behind it: how far they were is a matter of time."""
RESULTS = {
    "what is printed behind a bar that went on": lambda _clock, number: (
        f"1/9 ==\r8/9 === loss 1metric {number}\n8/9\r9/9 ==== loss 0.5\n"
    ),
    "the end of a bar that went on": lambda _clock, number: f"1/9 ==\r8/9 === loss 1e\n8/9\r9/9 ==== loss {number}\n",
    "a number beside a speed's name": lambda _clock, number: f"fps of best epoch: int32[] 5, errors {7 + number}\n",
    "a small count": lambda _clock, number: f"errors {7 + number}\n",
    "one that a slow clock changes": lambda clock, number: f"errors {7 + number + int(clock * 10)}\n",
    "a decision": lambda clock, number: f"fastest: tile {16 if clock else (16, 64, 32)[number % 3]}\n",
    "computed from the time": lambda clock, number: f"mean {(hash((clock, number)) % 1000) / 1000}\n",
    "not of the clock": lambda _clock, number: f"score {0.1 + number / 9:.4f} in 3 s\n",
    "beside a time": lambda clock, number: f"{seconds(clock, number):.3f} s, score {0.1 + number / 9:.4f}\n",
    "a score like a time of day": lambda clock, number: f"best 3:{10 + number if not clock else 40 + number}\n",
    "a process of several": lambda clock, number: f"first: process {number if not clock else 1}\n",
    "a file in a temporary folder": lambda clock, number: f"/tmp/work/bucket-{17 * number + int(clock)}\n",
    "a bar that ended early": lambda clock, number: f"1/9 ==\r{2 + number + int(9 * clock) % 5}/9 === loss {number}\n",
    "a two-valued result, labelled": lambda clock, number: f"time {2.5 if clock else 2.5 + number % 2}\n",
    "a count that a finer clock ends later": lambda clock, number: (
        f"time steps {int(0.02 / clock) if clock else 800 + number}\n"
    ),
    "a count until a clock ends it": lambda clock, number: f"time steps {0 if clock else 800 + number}\n",
    "coarse, and longer than its run": lambda clock, number: f"took {1 + int(clock) if clock else 2 + number} s\n",
    "labelled as a time": lambda _clock, number: f"time {number / 9:.4f}\n",
}


@pytest.mark.parametrize("name", SPEEDS)
def test_a_speed_that_is_cut_off_to_few_digits_is_no_result(tmp_path, name):
    """Its unit says what it is."""
    texts = Texts(tmp_path, SPEEDS[name])
    found = texts.found()

    assert (5, "") == (len(texts.made), found.why)
    assert found.only_times


@pytest.mark.parametrize("name", PASSING)
def test_how_far_a_bar_was_when_another_line_was_printed_is_no_result(tmp_path, name):
    """Neither where two runs are compared, nor among all."""
    texts = Texts(tmp_path, PASSING[name])
    one, other = texts.run(), texts.run()

    assert not results_differ(one, other, "stdout")
    assert ("", ()) == ((found := texts.found()).why, found.results)


@pytest.mark.parametrize("name", TIMES)
def test_durations_and_rates_are_no_results(tmp_path, name):
    texts = Texts(tmp_path, TIMES[name])
    found = texts.found()

    assert [0, 0, 0, STEP_SECONDS, pytest.approx(STEP_SECONDS * FASTER)] == texts.made
    assert ("", ()) == (found.why, found.results)
    assert [("stdout", 1)] == [(one.stream, one.line) for one in found.only_times]
    assert found.only_times[0].first != found.only_times[0].second


@pytest.mark.parametrize("name", RESULTS)
def test_what_does_not_follow_the_clock_is_a_result(tmp_path, name):
    found = Texts(tmp_path, RESULTS[name]).found()

    assert found.why
    assert found.results
    assert not found.only_times


def test_dates_and_process_ids_need_no_further_run(tmp_path):
    def tell(_clock, number):
        return f"{int(START) + 10 * number + 1} process {4000 + number} <A object at 0x7f00000{number}>\n"

    texts = Texts(tmp_path, tell)

    assert texts.found().only_times
    assert [0, 0, 0] == texts.made


@pytest.mark.parametrize(
    ("tell", "why"),
    [
        (lambda _clock, number: f"winner {'abc'[number]}\n", "words"),
        (lambda clock, number: f"took {seconds(clock, number)}\n" + ("slow\n" if clock > 1 else ""), "other words"),
    ],
)
def test_other_words_are_results(tmp_path, tell, why):
    found = Texts(tmp_path, tell).found()

    assert why in found.why
    assert not found.only_times


def test_what_moves_with_the_clock_alone_is_told_where_a_time_differs_too(tmp_path):
    """Equal without our clocks, and another value under each: a decision; the time beside it does not hide it."""

    def tell(clock, number):
        return f"took {seconds(clock, number):.4f} s\ntile {int(16 + 100 * clock)}\n"

    texts = Texts(tmp_path, tell)
    found = texts.found()

    assert "does not follow the clock" in found.why
    assert [2] == [one.line for one in found.results]


def test_a_run_that_fails_under_our_clock_shows_nothing(tmp_path):
    texts = Texts(tmp_path, TIMES["milliseconds"])
    plain = texts.run
    texts.run = lambda clock=0.0: replace(plain(clock), exit_code=int(clock > 0))

    assert "could not be tried" in texts.found().why


def test_a_program_that_computes_otherwise_under_another_clock_has_results(tmp_path):
    found = Texts(tmp_path, TIMES["milliseconds"], steps=lambda clock: 2 if clock else 1).found()

    assert "takes other steps" in found.why


def test_stderr_in_another_order_is_left_out_and_said_so(tmp_path):
    texts = Texts(tmp_path, TIMES["milliseconds"], stderr=lambda _clock, number: "a\nb\n" if number else "b\na\n")
    found = texts.found()

    assert found.only_times
    assert ["stderr was not compared: its lines or words differ from run to run"] == found.notes


def test_times_in_stderr_are_left_out_where_other_lines_come_under_another_clock(tmp_path):
    """Libraries log more of what takes long; stdout is compared all the same."""
    found = Texts(tmp_path, TIMES["milliseconds"], stderr=logged(lambda number: number / 3)).found()

    assert found.only_times
    assert found.stderr_left_out


def test_a_result_in_stderr_counts_where_other_lines_come_under_another_clock(tmp_path):
    def tell(clock, number):
        return logged(lambda _number: 1)(clock, number).replace("0.5", f"0.5{number}")

    found = Texts(tmp_path, TIMES["milliseconds"], stderr=tell).found()

    assert "prints other words" in found.why
    assert not found.stderr_left_out


def test_a_result_that_stderr_alone_holds_counts(tmp_path):
    found = Texts(tmp_path, lambda *_: "done\n", stderr=lambda _clock, number: f"loss 0.{number}1\n").found()

    assert [("stderr", 1)] == [(one.stream, one.line) for one in found.results]


@pytest.mark.parametrize(
    ("slow", "fast", "follows"),
    [
        ("1.1 s", "3.3 s", True),
        ("3.3 it/s", "1.1 it/s", True),
        ("0.0 s", "0.0 s", True),
        ("0.0", "0.0", False),
        ("1.1", "2.2", False),
        ("1.1 s", "2.2 s", False),
        ("370 ms", "1.11 s", True),
        ("501ms/step", "2s/step", True),
        ("501ms/step", "4s/step", False),
    ],
)
def test_what_follows_the_clock(slow, fast, follows):
    assert follows == follows_clock(split(slow).tokens[0], split(fast).tokens[0])


@pytest.mark.parametrize("tell", [TIMES["no label"], RESULTS["not of the clock"]])
def test_without_a_further_run_a_number_is_neither_a_time_nor_a_result(tmp_path, tell):
    """A replay that was interrupted makes none: the lines are shown, and nothing is decided."""
    texts = Texts(tmp_path, tell)
    found = found_in([texts.run() for _ in range(2)], None)

    assert found.undecided
    assert ((), 1, 2) == (found.only_times, len(found.results), len(texts.made))
    assert [
        "what is printed differs: whether it is a time was not tried, since the replay was interrupted"
    ] == found.notes
