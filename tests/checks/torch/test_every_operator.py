import outcomes
import pytest
import support
from planting import blamed, setup_file

from auditor.audit import plan
from auditor.catalogue import catalogue
from auditor.factors.factors import CONFIRM
from auditor.interpreter.conversation import Request, ask
from auditor.interpreter.launcher import Here
from auditor.interpreter.replies import Ok
from auditor.manifest.models import Reading

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]

ID = "torch-every-operator"
FAULTS = """
import os
real_cosh, real_tanh, real_sinh = torch.cosh, torch.tanh, torch.sinh

def random(x):  # NOT OK: no seed reaches it
    return real_cosh(x) * (1 + int.from_bytes(os.urandom(4), 'big') / 2**33)

def unwritten(x):  # NOT OK: half of the values are whatever the memory held
    found = torch.empty_like(real_sinh(x))
    flat = found.view(-1)
    flat[: flat.numel() // 2] = 1
    return found

def in_place(x):  # OK: it writes into its input, which is a clone, and sets a flag that importing op_db freezes
    torch.backends.cudnn.benchmark = torch.backends.cudnn.benchmark
    return x.detach().copy_(real_tanh(x)).clone() if x.is_floating_point() else real_tanh(x)

torch.cosh, torch.sinh, torch.tanh = random, unwritten, in_place
"""
SOUND = ["tanh float32", "index_put float32", "nn.functional.dropout float32", "empty float32", "fft.irfft float32"]
PLANTED = ["cosh float32", "sinh int64"]


@pytest.fixture(scope="module")
def readings(tmp_path_factory):
    """Two untouched processes, and one with the three fills; all with the faults planted."""
    setup = setup_file(tmp_path_factory.mktemp("faults"), FAULTS)
    info = catalogue.load().check(ID)
    arms = plan.first_arms(info)
    found = []
    for job in plan.jobs_for([(info, arms)]):
        steps = [{**step, "names": SOUND + PLANTED} for step in job.steps]
        request = Request("measure", framework="torch", steps=steps, settings=job.settings, setup=setup)
        for reply in list(ask(Here(support.AUDITED), request))[1:]:
            assert isinstance(reply, Ok), reply
            process = f"torch-{job.settings}-{len(found)}"
            found += [
                Reading(check=ID, process=process, repeat=n, settings={**job.settings, **reply.settings}, values=values)
                for n, values in enumerate(reply.repeats)
            ]
    return found


def _judged(readings, names):
    """The verdict over these names alone; cures and confirmations count as asked for, since none was measured."""
    parts = ("operators", "inputs")
    kept = [
        reading.model_copy(
            update={
                "values": {
                    part: {name: found for name, found in value.items() if name in names} if part in parts else value
                    for part, value in reading.values.items()
                }
            }
        )
        for reading in readings
    ]
    return outcomes.judge(catalogue.load().check(ID), kept, [{"framework-switch": "on"}, {CONFIRM: ""}])


def test_an_operator_that_no_seed_reaches_is_named_with_dtype_and_shape(readings):
    """Equal inputs gave other bits; operator, dtype and the sample's shape are named, and torch documents nothing."""
    verdict = _judged(readings, SOUND + PLANTED)

    assert ("fail", "undocumented") == (verdict.outcome, verdict.known)
    assert "cosh float32" in blamed(verdict)
    assert not set(SOUND) & set(verdict.evidence["differing"])
    assert any("float32[20]" in sample for sample in verdict.evidence["samples"]["cosh float32"])


def test_an_operator_that_returns_unwritten_memory_is_named(readings):
    """Processes whose fresh memory differs give other results of it, and of nothing else."""
    verdict = _judged(readings, [*SOUND, "sinh int64"])

    assert "fail" == verdict.outcome
    assert "sinh int64" in blamed(verdict)
    assert not set(SOUND) & blamed(verdict)


def test_sound_operators_pass(readings):
    """Random ones are seeded, `empty` counts by its shape, and one that writes into its input gets a clone."""
    verdict = _judged(readings, SOUND)

    assert ("pass", None) == (verdict.outcome, verdict.known), verdict.message


def test_samples_that_raise_are_told_and_flags_stay_free(readings):
    """Importing torch's catalogue does not freeze the backend flags: an operator may still set one."""
    operators = readings[0].values["operators"]

    assert "!" not in operators["tanh float32"]
    assert {8} == {len(digest) for digest in operators["index_put float32"].split(".")}


@pytest.mark.exhaustive
def test_the_whole_catalogue_repeats_but_for_stale_pivots():
    """All samples of all 702 entries: only lstsq by gelsy parts; only what needs a GPU is refused."""
    reply = support.measure(ID, repeats=2)

    assert isinstance(reply, Ok), reply
    first, second = reply.repeats
    parted = {name for name, text in first["operators"].items() if second["operators"][name] != text}
    refused = {name.split(" ")[0] for name, text in first["operators"].items() if "!" in text}
    assert {"linalg.lstsq", "linalg.lstsq.grad_oriented"} >= {name.split(" ")[0] for name in parted}
    assert first["inputs"] == second["inputs"]
    assert all(name.startswith("jiterator") for name in refused)
    assert 702 == first["conditions"]["entries"]
    assert 30_000 < first["conditions"]["samples"]
    assert "bernoulli" in first["conditions"]["tagged"]["nondeterministic_seeded"]


def test_the_full_tier_measures_a_third_and_says_so():
    """Whole operators: float32 and the second dtype of one operator lie in the same part."""
    found = support.measure(ID, settings={"part": "full"})
    told = found.repeats[0]["conditions"]
    names = {name.rpartition(" ")[0] for name in found.repeats[0]["operators"]}

    assert told["of"] / 4 < told["cells"] < told["of"] / 2.5
    assert {"addmm", "sort"} & names  # some of the well-known ones, whole
    assert told["cells"] > 1.5 * len(names)
