"""The paragraph to cite says what the manifest holds: figures, the bound, the tier, what was not compared, no more."""

import audit_example
import examples
import pytest

from auditor.manifest.models import Differing, Finding
from auditor.report import formats
from auditor.report.paper import left_out, statements


def cited(made, **about):
    """The paragraph on one line."""
    return " ".join(formats.render("cite", examples.reported(made, **about)).decode().split())


def test_equal_runs_are_told_with_their_figures_and_the_bound():
    """The sentence of the issue."""
    text = cited(examples.manifest(examples.IDENTICAL, findings=[]))

    assert "Three runs of the experiment gave the same bits in all 18,230 recorded operations" in text
    assert "a divergence rate up to 78 % would go unnoticed (95 % confidence)" in text
    assert "runs differed from these under another value of the number of threads (threads=1, two runs)" in text
    assert "no difference was seen under another value of the string hash seed (hash-seed=1, one run);" in text
    assert "none beyond rounding was seen under another value of whether functions are compiled" in text
    assert "depend" not in text  # no coin drew these runs, so nothing is proven to decide anything
    assert "largest relative difference 2e-06" in text
    assert "it could not be told for the vector instructions that kernels may use (isa=avx2, one run)" in text
    assert "Not compared: cache/big.bin (larger than the limit)" in text
    assert "No check of the environment was judged (tier quick, 2026-11-22" in text


def test_nothing_that_moves_results_is_said_to_move_nothing_that_was_varied():
    """And only that."""
    steady = examples.IDENTICAL.model_copy(update={"sensitivity": examples.FACTORS[1:2]})
    text = cited(examples.manifest(steady))

    assert "go unnoticed: no difference was seen under another value of the string hash seed" in text
    assert "differed" not in text


def test_factors_that_could_not_be_judged_are_not_said_to_move_nothing():
    """Every row is inconclusive."""
    unclear = examples.IDENTICAL.model_copy(update={"sensitivity": examples.FACTORS[3:]})
    text = cited(examples.manifest(unclear))

    assert "go unnoticed: it could not be told for the vector instructions" in text
    assert "no difference was seen" not in text


def test_without_factors_nothing_is_said_to_be_without_effect():
    """A replay without --vary."""
    plain = examples.IDENTICAL.model_copy(update={"sensitivity": []})
    text = cited(examples.manifest(plain))

    assert "No setting of the environment was varied" in text
    assert "no difference was seen" not in text


@pytest.mark.parametrize(
    ("equal", "said"),
    [
        (None, "gave the same results, 18,230 recorded operations among what was compared; a divergence"),
        (False, "among what was compared; of these some differ, in times or in what reaches no result; a divergence"),
    ],
)
def test_bits_are_only_called_equal_where_the_manifest_says_so(equal, said):
    """Operations on durations differ in runs that are identical; an older manifest does not say whether any did."""
    text = cited(examples.manifest(examples.IDENTICAL.model_copy(update={"operations_equal": equal})))

    assert said in text
    assert "gave the same bits" not in text


def test_an_older_manifest_is_silent_about_what_was_left_out():
    """Silence is told, and is not the same as nothing."""
    old = examples.IDENTICAL.model_copy(update={"not_compared": None})

    assert "what the replay left out (the manifest does not say it)" in cited(examples.manifest(old))
    assert "does not say" not in cited(examples.manifest(examples.DIVERGED))


def test_a_divergence_is_told_with_its_place_cause_and_cure():
    """It never reads like agreement."""
    text = cited(examples.manifest(examples.DIVERGED))

    assert "Three runs of the experiment did not give the same results" in text
    assert "aten::index_put (train.py:24); cause: nondeterministic-op" in text
    assert "suggested cure (proven by further runs): Call torch.use_deterministic_algorithms(True)" in text
    assert "same bits" not in text


def test_runs_that_diverge_are_not_said_to_depend_on_a_factor():
    """Rows of the table mean something else there: whether runs under the factor agree with each other."""
    varied = examples.DIVERGED.model_copy(update={"sensitivity": examples.FACTORS[:2]})
    text = cited(examples.manifest(varied))

    assert "runs agree with each other under the string hash seed" in text
    assert "they still differ under the number of threads" in text
    assert "differed from these" not in text


def test_printed_times_are_no_equal_output():
    """A plain program that prints its duration gave the same results, not the same output."""
    time = Differing(where="stdout", place="line 1", kind="time", first="1 s", second="2 s")
    timed = examples.IDENTICAL.model_copy(update={"operations": 0, "differences": [time]})

    assert "gave the same results but for printed times and names of the run; no operation" in cited(
        examples.manifest(timed)
    )


def test_an_interrupted_or_inconclusive_replay_says_so():
    """Both are less than a verdict."""
    stopped = examples.IDENTICAL.model_copy(update={"partial": "interrupted"})
    unclear = examples.IDENTICAL.model_copy(update={"verdict": "inconclusive", "problems": ["no run ended"]})

    assert "The replay was interrupted." in cited(examples.manifest(stopped))
    assert "prove neither agreement nor divergence: no run ended" in cited(examples.manifest(unclear))
    assert "same" not in next(statements.replay(unclear))


def test_an_audit_alone_speaks_of_its_checks_only():
    """With the tier, what failed, what gave no result, and that no experiment was compared."""
    text = cited(audit_example.manifest())

    assert "tier quick, 2026-11-22" in text
    assert "2 held, 3 failed" in text
    assert "failed: torch-index-put-race, python-hash-seed, torch-scatter" in text
    assert "results of an experiment (no run of one is in the manifest); two checks that gave no result" in text
    assert "runs of the experiment" not in text
    assert "the manifest gives no bound" in text


def test_the_weakest_bound_of_the_checks_that_held_is_told():
    """The largest rate that could go unnoticed, and of how many checks it is known."""
    held = [
        Finding(
            check=f"c{number}",
            framework="torch",
            outcome="pass",
            severity="low",
            title="t",
            message="m",
            evidence=found,
        )
        for number, found in enumerate([{"rate_bound_95": (0.95).hex()}, {"rate_bound_95": (0.5).hex()}, {}])
    ]

    assert "for two of those that held a bound is known: a divergence rate up to 95 %" in statements.bound_of_checks(
        held
    )
    assert "for two" not in statements.bound_of_checks(held[:2])
    assert "" == statements.bound_of_checks([])


def test_the_program_of_an_audit_is_told_by_what_was_called_again():
    """Nothing measured is nothing known."""
    told = statements.program(examples.EXPERIMENT, [])
    measured = examples.EXPERIMENT.model_copy(update={"measured": {"a": {}, "b": {}}})

    assert "none was called again, so whether they repeat is not known" in told
    assert "holds no verdict" in statements.program(measured, [])
    assert "holds no verdict" not in told


def test_other_machines_are_always_left_out():
    """Whatever the manifest holds."""
    for made in (audit_example.manifest(), examples.manifest(examples.IDENTICAL)):
        assert left_out.ALWAYS in left_out.sentence(made.predicate)


def test_the_digest_and_the_command_stand_at_the_end():
    """The command is on its own line, and its file name is one word of a shell."""
    reported = examples.reported(name="it's mine.dsse.json")
    text = formats.render("cite", reported).decode()

    assert f"sha256:{reported.sha256}" in text
    assert "signed with the key 0123456789abcdef" in " ".join(text.split())
    assert text.endswith("""\n  auditor verify 'it'"'"'s mine.dsse.json' --key signer.pub\n""")


def test_an_anonymous_manifest_does_not_name_its_key():
    """A key is a name."""
    text = cited(audit_example.manifest(privacy="anonymous"))

    assert "0123456789abcdef" not in text
    assert ", signed; verify it with" in text
