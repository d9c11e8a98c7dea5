"""`auditor compare` of two traces: what it says, with which exit code, and of hostile ones."""

import json
import zipfile

import pytest
from streams import Written, folder_of, writer

from auditor.cli import run as auditor
from auditor.errors import FAILED, FINDINGS, INCONCLUSIVE, OK, USAGE
from auditor.replay.compare_traces import compare_files
from auditor.replay.trace.archive import pack

STEPS = [("aten::mm", 1, 1), ("aten::relu", 2, 2)]


def packed(path, *steps, run=None, **how):
    """A `.trace` file of one stream."""
    with folder_of(path.with_suffix(".run"), *steps, **how) as trace:
        pack(trace, path, run={"exit_code": 0, "stdout": "aa", "files": {}} if run is None else run)
    return path


def compared(capsys, first, second, *options):
    """Exit code, stdout and stderr of the command."""
    code = auditor(["compare", *options, str(first), str(second)])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_equal_traces_are_identical(tmp_path, capsys):
    """A file and a run's folder of the same steps."""
    first, second = packed(tmp_path / "a.trace", *STEPS), packed(tmp_path / "b.trace", *STEPS)
    code, out, _ = compared(capsys, first, second)

    assert (OK, True) == (code, out.startswith("IDENTICAL"))
    assert OK == compared(capsys, first, second.with_suffix(".run"))[0]


def test_the_first_difference_is_told_with_both_lines(tmp_path, capsys):
    """The operator, the user's line and its code, of both sides."""
    first = packed(tmp_path / "a.trace", *STEPS)
    second = packed(tmp_path / "b.trace", STEPS[0], ("aten::relu", 3, 2))
    code, out, _ = compared(capsys, first, second)

    assert FINDINGS == code
    assert "aten::relu" in out
    assert 2 == out.count("train.py:2  code of line 2")


def test_json_has_the_verdict_and_each_difference(tmp_path, capsys):
    """For machines: process, task, index, digest."""
    first = packed(tmp_path / "a.trace", *STEPS)
    second = packed(tmp_path / "b.trace", STEPS[0], ("aten::relu", 3, 2))
    told = json.loads(compared(capsys, first, second, "--json")[1])

    assert ("differs", "content", "main") == (
        told["verdict"],
        told["differences"][0]["kind"],
        told["differences"][0]["process"],
    )
    assert ["0000000000000002", "0000000000000003"] == [
        told["differences"][0][side]["digest"] for side in ("first", "second")
    ]


def test_runs_that_took_other_branches_show_both_ways(tmp_path, capsys):
    """The lines that only one of them ran."""
    first = packed(tmp_path / "a.trace", STEPS[0], ("aten::sin", 5, 7), *[("aten::mm", n, 9) for n in range(9)])
    second = packed(tmp_path / "b.trace", STEPS[0], ("aten::cos", 5, 8), *[("aten::mm", n, 9) for n in range(9)])
    code, out, _ = compared(capsys, first, second)

    assert FINDINGS == code
    assert "Only A ran line 7" in out
    assert "Only B ran line 8" in out


@pytest.mark.parametrize(("name", "value"), [("stdout", "bb"), ("exit_code", 3), ("files", {"out.pt": "cc"})])
def test_what_the_descriptions_say_is_compared(tmp_path, name, value):
    """Equal operations, and another output, exit code or file."""
    said = {"exit_code": 0, "stdout": "aa", "files": {"out.pt": "bb"}}
    first = packed(tmp_path / "a.trace", *STEPS, run=said)
    found = compare_files(first, packed(tmp_path / "b.trace", *STEPS, run={**said, name: value}))

    assert ("differs", ["out.pt" if name == "files" else name]) == (found.verdict, found.outputs_differ)


def test_a_trace_that_was_cut_off_says_nothing_beyond_its_end(tmp_path, capsys):
    """Killed: equal up to there, which is no proof; another output follows from that alone."""
    first = packed(tmp_path / "a.trace", *STEPS)
    second = packed(tmp_path / "b.trace", STEPS[0], end=False, run={"exit_code": -9, "stdout": "bb"})
    code, out, _ = compared(capsys, first, second)

    assert (INCONCLUSIVE, True) == (code, "cut off" in out)


def test_what_the_recorder_could_not_do_makes_it_inconclusive(tmp_path, capsys):
    """A PROBLEM record; a missing step is then no difference, other bits still are."""

    def broken(written):
        written.stream.append(writer.PROBLEM, name=written.stream.define(writer.TEXTS, "the hook is gone"))

    whole, part = packed(tmp_path / "a.trace", *STEPS), packed(tmp_path / "b.trace", STEPS[0], broken)
    other = packed(tmp_path / "c.trace", ("aten::mm", 9, 1), broken)

    assert INCONCLUSIVE == compared(capsys, whole, part)[0]
    assert FINDINGS == compared(capsys, whole, other)[0]


def test_runs_that_failed_alike_prove_nothing(tmp_path, capsys):
    """Equal up to the same failure."""
    failed = {"exit_code": 1, "stdout": "aa"}
    first, second = (packed(tmp_path / name, *STEPS, run=failed) for name in ("a.trace", "b.trace"))

    assert INCONCLUSIVE == compared(capsys, first, second)[0]


def test_traces_of_two_tiers_cannot_be_told_apart(tmp_path, capsys):
    """One with inputs, one without."""
    first, second = packed(tmp_path / "a.trace", *STEPS), packed(tmp_path / "b.trace", *STEPS, detail=True)

    assert INCONCLUSIVE == compared(capsys, first, second)[0]


def test_digests_of_two_algorithms_are_an_error(tmp_path, capsys):
    """Nobody can compare them; the message says how to record instead."""
    first = packed(tmp_path / "a.trace", *STEPS)
    written = Written(tmp_path / "other", algorithm="xxh3-64")
    written.end()
    code, _, told = compared(capsys, first, tmp_path / "other")

    assert (FAILED, True) == (code, "xxh3-64" in told)


def test_a_trace_against_something_else_is_a_usage_error(tmp_path, capsys):
    """And so is a trace whose signature is asked for."""
    first, second = packed(tmp_path / "a.trace", *STEPS), tmp_path / "manifest.json"
    second.write_text("{}")
    key = tmp_path / "key.pub"
    key.write_text("")

    assert USAGE == compared(capsys, first, second)[0]
    assert USAGE == compared(capsys, second, first)[0]
    assert USAGE == compared(capsys, first, first, "--key", str(key))[0]


def test_a_damaged_archive_is_an_error(tmp_path, capsys):
    """It begins like a trace, and is none."""
    wrong = tmp_path / "b.trace"
    with zipfile.ZipFile(wrong, "w") as archive:
        archive.writestr("readme.txt", "no trace")

    assert FAILED == compared(capsys, packed(tmp_path / "a.trace", *STEPS), wrong)[0]


def test_hostile_texts_are_shown_inert(tmp_path, capsys):
    """Names, lines, files and problems that would move a terminal's cursor."""
    site = "\x1b[2Jtrain.py\t1\tf\t\x1b]0;title\x07"
    evil = lambda digest: lambda written: written.op("aten::\x1b[31mmm", digest, meta="\x1b[0m", site=site)  # noqa: E731
    run = {"exit_code": 0, "stdout": "aa", "files": {"\x1b[1mout": "aa"}, "problems": ["\x1b[3mbad"]}
    first = packed(tmp_path / "a.trace", evil(1), run=run)
    second = packed(tmp_path / "b.trace", evil(2), run={**run, "files": {"\x1b[1mout": "bb"}})
    code, out, told = compared(capsys, first, second)

    assert FINDINGS == code
    assert "\x1b" not in out + told
    assert "\\x1b[31mmm" in out


@pytest.mark.parametrize("run", [{"files": [1], "problems": 3, "exit_code": [2]}, {"problems": [{}, None]}, {}])
def test_odd_descriptions_are_no_crash(tmp_path, run):
    """What a description holds is anybody's."""
    first, second = packed(tmp_path / "a.trace", *STEPS, run=run), packed(tmp_path / "b.trace", *STEPS)

    assert compare_files(first, second).verdict in {"identical", "differs", "cannot-tell"}


def test_the_same_program_in_another_folder_is_the_same(tmp_path):
    """The paths of two machines; the first line that only one of them has is still found."""

    def steps(folder, last):
        lines = [(f"{folder}/train.py", 1), (f"{folder}/lib/model.py", 2), (f"{folder}/train.py", 3)]
        sites = [f"{file}\t{line}\tf\tcode" for file, line in lines]
        return [
            lambda written, site=site, digest=digest: written.op("aten::mm", digest, site=site)
            for site, digest in zip(sites, (1, 2, last), strict=True)
        ]

    first = packed(tmp_path / "a.trace", *steps("/home/ada/project", 3))
    same = packed(tmp_path / "b.trace", *steps("/srv/checkout", 3))
    other = packed(tmp_path / "c.trace", *steps("/srv/checkout", 4))

    assert "identical" == compare_files(first, same).verdict
    found = compare_files(first, other)
    assert ("content", 3) == (found.differences[0].kind, found.differences[0].second.source.line)
    assert "/srv/checkout" in found.notes[0]


def test_two_programs_are_not_taken_for_one(tmp_path):
    """Another file in another folder: nothing says that they are the same."""
    first = packed(tmp_path / "a.trace", lambda written: written.op("aten::mm", 1, site="/a/train.py\t1\tf\tx"))
    second = packed(tmp_path / "b.trace", lambda written: written.op("aten::mm", 1, site="/b/other.py\t1\tf\tx"))

    assert "differs" == compare_files(first, second).verdict


def fact(value, role="software"):
    """A fact as a trace holds it."""
    return {"state": "value", "role": role, "value": value, "source": "os.environ"}


def with_facts(path, digest, op="aten::relu", **facts):
    """A `.trace` file with these facts; the step's digest is given."""
    told = {name.replace("__", "."): fact(value) for name, value in facts.items()}
    return packed(path, STEPS[0], (op, digest, 2), run={"exit_code": 0, "stdout": "aa", "facts": told})


def test_versions_and_settings_that_differ_stand_beside_the_operation(tmp_path, capsys):
    """With both values and their effect; those of another framework, and those without effect, are counted only."""
    common = {"jax__version": "0.9", "python__version": "3.11.2"}
    first = with_facts(tmp_path / "a.trace", 2, torch__version="2.12.0", env={"OMP_NUM_THREADS": "1"}, **common)
    common["jax__version"] = "0.10"
    second = with_facts(tmp_path / "b.trace", 3, torch__version="2.13.0", env={"OMP_NUM_THREADS": "2"}, **common)
    code, out, _ = compared(capsys, first, second)
    told = out[out.index("The environments differ") :]

    assert FINDINGS == code
    assert "torch.version: A 2.12.0, B 2.13.0 (changes numbers)" in told
    assert "env/OMP_NUM_THREADS: A 1, B 2 (changes numbers)" in told
    assert "None of them is proven" in told
    assert ("jax.version" in told, "python.version" in told) == (False, False)
    assert "1 further fact differs" in told
    json_facts = json.loads(compared(capsys, first, second, "--json")[1])["facts"]
    assert ["env", "jax.version", "torch.version"] == [one["key"] for one in json_facts]


def test_equal_operations_in_other_environments_are_identical_with_what_differs(tmp_path, capsys):
    """Another release that gives the same bits: facts are no difference of the runs."""
    first = with_facts(tmp_path / "a.trace", 2, torch__version="2.12.0")
    code, out, _ = compared(capsys, first, with_facts(tmp_path / "b.trace", 2, torch__version="2.13.0"))

    assert (OK, True) == (code, "torch.version: A 2.12.0, B 2.13.0" in out)
    assert "None of them is proven" not in out


def test_equal_environments_are_not_mentioned(tmp_path, capsys):
    """The negative control: the same versions."""
    first = with_facts(tmp_path / "a.trace", 2, torch__version="2.12.0")
    out = compared(capsys, first, with_facts(tmp_path / "b.trace", 3, torch__version="2.12.0"))[1]

    assert "The environments differ" not in out


def test_a_trace_of_an_older_auditor_is_read_and_its_lack_of_facts_told(tmp_path):
    """Its description has no facts; two of them have nothing to say of that."""
    old = packed(tmp_path / "a.trace", *STEPS)
    new = with_facts(tmp_path / "b.trace", 2, torch__version="2.13.0")

    assert ["identical", "identical"] == [compare_files(old, other).verdict for other in (old, new)]
    assert [] == compare_files(old, old).notes
    (note,) = compare_files(old, new).notes
    assert note.startswith("the first holds no versions")


@pytest.mark.parametrize(
    "facts", [[], "x", {"a": 1}, {"a": {"state": "value"}}, {"a": {"state": "?", "role": "software"}}]
)
def test_hostile_facts_are_left_out(tmp_path, facts):
    """They prevent no comparison, and a trace with invalid ones says so."""
    first = packed(tmp_path / "a.trace", *STEPS, run={"exit_code": 0, "facts": facts})
    found = compare_files(first, with_facts(tmp_path / "b.trace", 2, torch__version="2.13.0"))

    assert ("identical", []) == (found.verdict, found.facts)
    assert bool(facts and isinstance(facts, dict)) == any("no facts and were left out" in one for one in found.notes)


@pytest.mark.parametrize(
    ("settled", "verdict", "code"),
    [(("s", "s"), "cannot-tell", INCONCLUSIVE), (("s", "t"), "differs", FINDINGS), (("", ""), "differs", FINDINGS)],
    ids=["times", "results", "no text"],
)
def test_printed_times_alone_prove_nothing_in_two_traces(tmp_path, capsys, settled, verdict, code):
    """The texts are not in the traces, so it is told that they look like times; other results are a difference."""
    paths = [tmp_path / name for name in ("a.trace", "b.trace")]
    for path, stdout, rest in zip(paths, ("aa", "bb"), settled, strict=True):
        packed(path, *STEPS, run={"exit_code": 0, "stdout": stdout, "stdout_settled": rest})
    found = compare_files(*paths)
    exit_code, out, _ = compared(capsys, *paths)

    assert (verdict, code) == (found.verdict, exit_code)
    assert ("only in what looks like times" in out) == (verdict == "cannot-tell")
