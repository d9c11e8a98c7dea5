"""The text of `replay --resume`: verdict first, what differs, what was not saved; nothing of a program is active."""

from auditor.render.replay_resume import text
from auditor.replay.model import Confidence, Line, Result, Resume


def result(verdict, told=None, problems=()):
    """A result of three runs."""
    return Result(
        verdict=verdict,
        runs=3,
        ops=10,
        exit_codes=[0, -15, 0],
        confidence=Confidence(runs=3, rate_bound_95=None),
        problems=list(problems),
        seconds=[1.0, 1.0, 2.0],
        resume=told,
    )


def test_an_identical_one_tells_how_much_was_compared():
    told = text(result("identical", Resume(verdict="identical", from_step=5, steps=24, resumed_steps=19)))

    assert told.startswith("IDENTICAL: the resumed run goes on after step 5 as the whole one: no difference in 19")
    assert told.endswith("Cost: 3 runs, 4 s in all.")


def test_a_diverged_one_names_the_step_and_the_state():
    resume = Resume(
        verdict="diverged",
        step=6,
        from_step=5,
        steps=24,
        unsaved_state="the optimizer's state: exp_avg",
        effect="the optimizer starts from another state",
        also_differs=["the scheduler (StepLR): last_epoch 5 against 0"],
        differs=["optimizer", "update"],
        losses=[0.5, 0.75],
        source=Line(file="train\x1b[31m.py", line=7, code="optimizer.step()"),
    )
    lines = text(result("diverged", resume)).splitlines()

    assert (
        "DIVERGED: the resumed run goes on after step 5 of 24, and differs from the whole one first at step 6."
        == (lines[0])
    )
    assert "  Loss at this step: 0.5 in the whole run, 0.75 in the resumed one" in lines
    assert "Not saved, or not restored: the optimizer's state: exp_avg" in lines
    assert "  It also differs in: the scheduler (StepLR): last_epoch 5 against 0" in lines
    assert not any("\x1b" in line for line in lines)


def test_an_inconclusive_one_says_why():
    told = text(result("inconclusive", problems=["no checkpoint was made within the run"]))

    assert told.startswith("INCONCLUSIVE: whether resuming gives the same run cannot be judged.\n  no checkpoint")
