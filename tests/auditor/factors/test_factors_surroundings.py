"""The factors that the payload applies to its own interpreter take effect in a real process, and only there."""

import shutil
import sys

import pytest

from auditor import shipped
from auditor.factors import factors
from auditor.interpreter import conversation
from auditor.interpreter.conversation import Request, ask
from auditor.interpreter.launcher import Here
from auditor.interpreter.replies import Failed, Ok

SEES = '''"""
What a process sees of its surroundings, for tests of the factors.

Why: a factor that takes no effect would prove things that were never tried.

Remedy: none is needed.
"""
from ..declare import Check
CHECK = Check(severity="low", tier="quick", rule="identical", isolates=True)

def measure(settings):
    import glob, os, pathlib, random, secrets, tempfile, time, uuid
    from concurrent.futures import ThreadPoolExecutor, as_completed
    folder = tempfile.mkdtemp()
    for name in "bdacfe":
        open(os.path.join(folder, name), "w").close()
    with os.scandir(folder) as entries:
        scanned = [entry.name for entry in entries]
    done = []
    def task(number):
        time.sleep(0.1 * (4 - number))
        done.append(number)
        return number
    with ThreadPoolExecutor(4) as pool:
        handed = [future.result() for future in as_completed([pool.submit(task, number) for number in range(4)])]
    return {
        "listdir": os.listdir(folder), "scandir": scanned,
        "glob": [os.path.basename(path) for path in glob.glob(folder + "/*")],
        "pathlib": [path.name for path in pathlib.Path(folder).iterdir()],
        "walk": next(os.walk(folder))[2],
        "entropy": [os.urandom(8).hex(), str(uuid.uuid4()), secrets.token_hex(8), random.Random().random()],
        "global": random.random(),
        "days": int(time.time() // 86400), "zone": time.tzname[0], "hour": time.localtime(0).tm_hour,
        "done": done, "handed": handed,
        "address": hex(id(os.environ)), "locale": os.environ.get("LC_ALL", ""),
    }
'''


@pytest.fixture(scope="module")
def look(tmp_path_factory):
    """What a process under these settings sees."""
    copy = tmp_path_factory.mktemp("payload") / "checks"
    shutil.copytree(shipped.folder("checks"), copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "python" / "sees.py").write_text(SEES)
    patch = pytest.MonkeyPatch()
    patch.setattr(conversation, "folder", lambda name: copy.parent / name)

    def seen(**settings):
        chosen = {name.replace("_", "-"): value for name, value in settings.items()}
        request = Request("measure", steps=[{"check": "python-sees", "repeats": 1}], settings=chosen)
        *_, reply = ask(Here(sys.executable), request)
        assert isinstance(reply, Ok), reply
        return reply.repeats[0]

    yield seen
    patch.undo()


def test_listings_come_in_another_order_everywhere(look):
    """os, glob, pathlib and walk: the same names, reversed; shuffled is yet another order."""
    turned, shuffled = look(file_order="reversed"), look(file_order="shuffled")

    for way in ("listdir", "scandir", "glob", "pathlib", "walk"):
        assert turned[way] == [*"fedcba"], way
        assert sorted(shuffled[way]) == [*"abcdef"], way
        assert shuffled[way] not in ([*"abcdef"], turned[way]), way


def test_fixed_entropy_is_the_same_in_every_process_and_free_entropy_is_not(look):
    """urandom, uuid4, secrets, unseeded generators: all of them, and without the factor none."""
    first, again, free, other = look(entropy="fixed"), look(entropy="fixed"), look(), look()

    assert (first["entropy"], first["global"]) == (again["entropy"], again["global"])
    assert not {*free["entropy"], free["global"]} & {*other["entropy"], other["global"]}


def test_the_clock_is_later(look):
    """400 days, counted from now."""
    assert look(clock="later")["days"] - look()["days"] in (400, 401)


def test_the_time_zone_and_the_locale_are_set(look):
    """Through the variables that every library reads."""
    west = look(time_zone="XXX-13:45", locale="C.UTF-8")

    assert ("XXX", 13, "C.UTF-8") == (west["zone"], west["hour"], west["locale"])


def test_tasks_run_and_come_back_in_the_order_of_submission(look):
    """Later tasks are shorter: alone they finish first, and under the factor they do not."""
    free, ordered = look(), look(task_order="submitted")

    assert free["done"] != [0, 1, 2, 3] != free["handed"]
    assert ordered["done"] == ordered["handed"] == [0, 1, 2, 3]


def test_without_randomised_addresses_objects_lie_where_they_lay(look):
    """The interpreter starts itself again; with randomisation three processes do not agree."""
    fixed = {look(address_layout="fixed", hash_seed="0")["address"] for _ in range(2)}
    free = {look(hash_seed="0")["address"] for _ in range(3)}

    assert len(fixed) == 1
    assert len(free) > 1


@pytest.mark.usefixtures("look")
def test_a_change_that_cannot_be_made_is_an_error_of_its_stage():
    """Nothing is measured under settings that were not made."""
    settings = {"file-order": "upside-down"}
    *_, reply = ask(Here(sys.executable), Request("measure", steps=[{"check": "python-sees"}], settings=settings))

    assert isinstance(reply, Failed)
    assert reply.stage == "settings"


def test_every_factor_has_a_cause_of_the_design_and_a_meaning():
    """The names that findings, remedies and replay use."""
    causes = {
        "unseeded-random",
        "nondeterministic-op",
        "uninitialised-memory",
        "hash-order",
        "address-order",
        "file-order",
        "clock",
        "thread-order",
        "outside-input",
        "compile",
        "data-cache",
        "unknown",
    }

    assert {factor.cause for factor in factors.FACTORS.values()} <= causes
    assert all(factor.meaning and factor.values for factor in factors.FACTORS.values())
