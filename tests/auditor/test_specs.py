"""Container specifications from a manifest: what they say, what they leave out, and that nothing breaks out of them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.utils import InvalidName, canonicalize_name
from packaging.version import InvalidVersion, Version

from auditor import specs
from auditor.manifest import Fact
from auditor.render import dockerfile as quoting

sys.path.insert(0, str(Path(__file__).resolve().parent / "render"))

import audit_example
import docker_reader
import hostile

SHA256 = audit_example.PAYLOAD_SHA256
value = audit_example.value


def written(facts=None, findings=None, *, signed=True):
    """The two files of the example with these facts added."""
    manifest = audit_example.manifest(facts={**audit_example.FACTS, **(facts or {})}, findings=findings)
    return specs.files(manifest, SHA256, signed=signed)


def parsed(facts=None, findings=None):
    """The Dockerfile as an independent reader sees it."""
    return docker_reader.dockerfile(written(facts, findings)["Dockerfile"])


def pins(facts=None):
    """The requirements as `packaging` sees them."""
    found = docker_reader.requirements(written(facts)["requirements.txt"])
    return {requirement.name: str(requirement.specifier) for requirement in found}


def test_the_dockerfile_has_these_instructions_and_no_others():
    """Base, labels, packages, variables, a user without rights; no health command, no entry point."""
    found = parsed()

    assert found.directives == {}
    assert found.names() == ["FROM", "LABEL", "ARG", "COPY", "RUN", *["ENV"] * 3, "RUN", "USER", "WORKDIR"]
    assert found.instructions[0] == ("FROM", "python:3.12.11-slim-bookworm")
    assert "--no-compile --no-deps -r /opt/audited/requirements.txt" in found.instructions[4][1]
    assert "PIP_NO_CACHE_DIR=1" in found.instructions[4][1]


def test_labels_name_the_manifest():
    """An image says which manifest it was derived from."""
    labels = parsed().pairs("LABEL")

    assert labels["org.opencontainers.image.revision"] == f"sha256:{SHA256}"
    assert labels["org.opencontainers.image.base.name"] == "python:3.12.11-slim-bookworm"


def test_variables_come_from_the_environment_and_from_remedies():
    """Deciding ones and remedies of failed checks; no place of a machine, nothing redacted, no remedy of a pass."""
    unused = audit_example.FINDINGS[0].model_copy(
        update={"outcome": "pass", "remedy_env": {"TF_CUDNN_DETERMINISTIC": "1"}}
    )

    expected = {"OMP_NUM_THREADS": "4", "PYTHONHASHSEED": "0", "CUBLAS_WORKSPACE_CONFIG": ":4096:8"}
    assert parsed(findings=[*audit_example.FINDINGS, unused]).pairs("ENV") == expected


def test_redacted_values_and_their_like_are_left_out_by_name():
    """A value that was redacted, in any spelling, never stands in a specification."""
    env = value(
        {"OMP_A": "<redacted>", "OMP_B": {"redacted": True}, "OMP_C": {"b64": "AA=="}, "OMP_D": "x://<redacted>@y"}
    )
    files = written({"env": env}, findings=[])

    assert docker_reader.dockerfile(files["Dockerfile"]).pairs("ENV") == {}
    assert files["Dockerfile"].count("LEFT OUT: 'OMP_") == 4


def test_flags_of_a_remedy_are_added_to_the_audited_flags():
    """XLA_FLAGS holds several flags: a remedy does not drop the user's."""
    finding = audit_example.FINDINGS[0].model_copy(update={"remedy_env": {"XLA_FLAGS": "--b=1 --c=2"}})
    found = parsed({"env": value({"XLA_FLAGS": "--a=$x --b=1"})}, [finding])

    assert found.pairs("ENV") == {"XLA_FLAGS": "--a=$x --b=1 --c=2"}


def test_a_remedy_wins_over_the_environment_and_conflicts_are_named():
    """The worse finding's value is taken, the other is told."""
    other = audit_example.FINDINGS[1].model_copy(update={"remedy_env": {"PYTHONHASHSEED": "7"}})
    files = written({"env": value({"PYTHONHASHSEED": "random"})}, [audit_example.FINDINGS[0], other])

    assert docker_reader.dockerfile(files["Dockerfile"]).pairs("ENV") == {"PYTHONHASHSEED": "7"}
    assert "CONFLICT: 'PYTHONHASHSEED'" in files["Dockerfile"]


def test_every_distribution_of_an_index_is_pinned_exactly():
    """What came from elsewhere is named as what cannot be rebuilt."""
    text = written()["requirements.txt"]

    assert pins() == {"jax": "==0.10.2", "numpy": "==2.4.0", "pip": "==26.3", "torch": "==2.13.0+cpu"}
    assert "LEFT OUT: 'my-model' 0.3.0 came from 'an editable install of a folder'" in text
    assert "LEFT OUT: 'trl-fork' 1.0.dev0 came from 'git https://example.org/trl 0123abc'" in text
    assert "UNHASHED" in text


def test_a_local_version_asks_for_its_own_index():
    """`+cpu` is not on the default index; without one there is no such argument."""
    assert "OWN INDEX: the default index does not carry torch 2.13.0+cpu" in written()["Dockerfile"]
    assert "ARG" not in parsed({"python.distributions": value({"torch": {"version": "2.13.0"}})}).names()


def test_plain_versions_are_read_as_well():
    """A map of name to version, without details."""
    assert pins({"python.distributions": value({"Foo_Bar": "1.0"})}) == {"foo-bar": "==1.0"}


def test_one_distribution_under_two_spellings_is_pinned_once():
    """A file that asks twice is refused by pip."""
    found = value({"foo-bar": {"version": "2"}, "foo.bar": {"version": "3"}})

    assert pins({"python.distributions": found}) == {"foo-bar": "==2"}


def test_conda_builds_are_named():
    """An index has other builds of what conda installed."""
    found = value({"numpy": {"version": "2.4.0", "origin": "index"}})
    facts = {"python.distributions": found, "python.distributions.installers": value(["numpy=conda"])}

    assert "OTHER BUILD: conda installed 'numpy'" in written(facts)["requirements.txt"]


@pytest.mark.parametrize("state", ["unknown", "error", "not-applicable", "absent"])
def test_missing_facts_give_defaults_that_are_said_to_be_defaults(state):
    """Nothing is guessed in silence."""
    keys = ("python.version", "host.os.id", "env", "python.distributions")
    lost = {} if state == "absent" else {key: Fact(state=state, role="software", reason="lost\nRUN x") for key in keys}
    manifest = audit_example.manifest(facts=lost, findings=[])
    text = specs.files(manifest, SHA256)["Dockerfile"]

    assert docker_reader.dockerfile(text).instructions[0] == ("FROM", "python:3.12-slim-bookworm")
    assert text.count("# ASSUMED: ") == 4
    assert sum(note.startswith("ASSUMED") for note in specs.notes(manifest)) == 4


@pytest.mark.parametrize(
    ("system", "version", "libc", "codename"),
    [
        ("debian", "11", "2.31", "bullseye"),
        ("debian", "13", "2.41", "trixie"),
        ("ubuntu", "20.04", "2.31", "bullseye"),
        ("ubuntu", "22.04", "2.35", "bookworm"),
        ("ubuntu", "24.04", "2.39", "trixie"),
        ("fedora", "99", "2.99", "trixie"),
        ("alpine", "3.22", "unknown", "bookworm"),
    ],
)
def test_the_base_has_a_c_library_not_older_than_the_audited_one(system, version, libc, codename):
    """Other systems get the nearest Debian, and the file says so."""
    facts = {"host.os.id": value(system), "host.os.version": value(version), "host.libc.version": value(libc)}
    text = written(facts)["Dockerfile"]

    assert docker_reader.dockerfile(text).instructions[0] == ("FROM", f"python:3.12.11-slim-{codename}")
    assert ("OTHER SYSTEM" in text) == (system != "debian")
    assert "UNPINNED" in text


def test_cuda_is_told_and_does_not_change_the_base():
    """A table of CUDA bases is to come; until then a comment."""
    text = written({"torch.build.cuda": value("13.0\nUSER root")})["Dockerfile"]

    assert r"GPU: the audited torch was built for CUDA '13.0\nUSER root'." in text
    assert docker_reader.dockerfile(text).instructions[0][1].startswith("python:")


def test_another_implementation_is_named():
    """The image holds CPython."""
    assert "OTHER PYTHON: the audited one is 'PyPy'" in written({"python.implementation": value("PyPy")})["Dockerfile"]


def test_an_unsigned_manifest_marks_both_files():
    """A signed one marks none."""
    assert all("# UNSIGNED: " in text for text in written(signed=False).values())
    assert not any("UNSIGNED" in text for text in written().values())


def test_notes_are_for_the_terminal():
    """What the specification cannot promise, one text each."""
    found = specs.notes(audit_example.manifest())

    assert [note.partition(":")[0] for note in found] == [
        *("OTHER SYSTEM", "UNPINNED", "LEFT OUT", "UNHASHED", "LEFT OUT", "LEFT OUT", "OWN INDEX")
    ]


def test_a_digest_that_is_none_is_refused():
    """The digest goes into a label: it must be one."""
    with pytest.raises(ValueError, match="not of the form"):
        specs.files(audit_example.manifest(), 'x"\nRUN evil')


def test_a_known_attack_on_each_place_stays_in_its_comment():
    """Newlines, options, markers, directives, heredocs: each is named in escaped form and does nothing."""
    facts = {
        "python.version": value("3.12.1\nRUN evil"),
        "host.os.id": value("debian\r\nUSER root"),
        "host.architecture": value("x\u2028RUN evil"),
        "python.distributions": value(
            {
                "a\n--index-url=http://evil": {"version": "1"},
                "--index-url": {"version": "1"},
                "b": {"version": "1 ; python_version < '3'"},
                "c": {"version": "1 --hash=sha256:0"},
                "d @ file:///evil": {"version": "1"},
                "e": {"version": "1 \\"},
                "\u212aelvin": {"version": "1"},
                "f": {"version": "1", "origin": "git", "url": "http://x\nRUN evil"},
                "ok": {"version": "1"},
            }
        ),
        "env": value(
            {
                "OMP_A": "x\nRUN evil",
                "OMP_B": 'q" \\',
                "OMP C=1 OMP_D": "1",
                "OMP_E": "$(id) ${HOME} `id`",
                "OMP_F": "\u202e",
            }
        ),
    }
    found = parsed(facts, [])

    assert [word for word in found.names() if word not in ("FROM", "LABEL", "COPY", "USER", "WORKDIR", "ENV")] == [
        "RUN"
    ] * 2
    assert found.pairs("ENV") == {"OMP_B": 'q" \\', "OMP_E": "$(id) ${HOME} `id`"}
    assert pins(facts) == {"ok": "==1"}


@given(hostile.manifests())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_nothing_in_a_manifest_adds_an_instruction_or_a_requirement(manifest):
    """An independent reader finds the intended instructions only, whatever the manifest's texts are."""
    files = specs.files(manifest, SHA256)
    found = docker_reader.dockerfile(files["Dockerfile"])
    variables = found.pairs("ENV")
    wanted = docker_reader.requirements(files["requirements.txt"])
    argument = ["ARG"] if any("+" in str(one.specifier) for one in wanted) else []

    assert found.directives == {}
    assert found.names() == [
        "FROM",
        "LABEL",
        *argument,
        "COPY",
        "RUN",
        *["ENV"] * len(variables),
        "RUN",
        "USER",
        "WORKDIR",
    ]
    assert re.fullmatch(r"python:3[0-9.abrc]*-slim-(bullseye|bookworm|trixie)", found.instructions[0][1])
    assert set(found.pairs("LABEL").values()) >= {f"sha256:{SHA256}"}
    assert files == specs.files(manifest, SHA256)
    audited = manifest.predicate.facts["env"].value
    remedies = [finding.remedy_env for finding in manifest.predicate.findings if finding.outcome == "fail"]
    for name, content in variables.items():
        assert name == "XLA_FLAGS" or content in (audited.get(name), *(one.get(name) for one in remedies))
    for requirement in wanted:
        assert requirement.url is requirement.marker is None
        assert not requirement.extras
        assert [one.operator for one in requirement.specifier] == ["=="]
        assert requirement.name in {
            canonicalize_name(name) for name in manifest.predicate.facts["python.distributions"].value
        }
    assert all(line.isprintable() for text in files.values() for line in text.split("\n"))


@given(st.text(max_size=40) | st.from_regex(quoting.VERSION, fullmatch=True))
@settings(deadline=None)
def test_versions_that_pass_are_versions_to_packaging(text):
    """Our check, which needs no package, is no wider than the reference implementation."""
    try:
        passed = str(quoting.version(text))
    except ValueError:
        return

    assert str(Version(passed)) == str(Version(text))


@pytest.mark.parametrize(
    "text", ["1", "1.0", "2!1.0rc1.post2.dev3+local.1", "2026.11.22", "1.0-1", "v1.0", "1.0.dev", "1a"]
)
def test_usual_versions_pass(text):
    """The check is not so narrow that it loses packages."""
    assert quoting.version(text) == text
    assert Version(text)


@pytest.mark.parametrize(
    "text", ["", "1\n", " 1", "1.0+\u212a", "1.0 ; x", "1.*", "==1", "\u0661", "1.0\u017ft1", "latest"]
)
def test_what_is_no_version_is_refused(text):
    """Letters and digits of other alphabets included: case folding would let some of them pass."""
    with pytest.raises(ValueError, match="not of the form"):
        quoting.version(text)


def test_a_comment_is_one_line_of_ascii():
    """Whatever is put into it."""
    assert quoting.comment("a\r\nRUN \xe9\u2028") == r"a\r\nRUN \xe9\u2028"


@given(st.text(max_size=20) | st.from_regex(quoting.NAME, fullmatch=True) | hostile.texts)
@settings(deadline=None)
def test_names_that_pass_are_names_to_packaging(text):
    """As for versions; and the result is the canonical form."""
    try:
        passed = quoting.package(text)
    except ValueError:
        return

    assert passed == canonicalize_name(text, validate=True)


def test_what_is_no_name_or_version_to_packaging_does_not_pass():
    """The two oracles of this file do refuse."""
    with pytest.raises(InvalidName):
        canonicalize_name("-r evil", validate=True)
    with pytest.raises(InvalidVersion):
        Version("1 ; x")


@given(hostile.texts)
@settings(deadline=None)
def test_a_quoted_value_is_read_back_as_it_was(text):
    """Docker's own unquoting gives the value; what cannot be written so is refused."""
    try:
        quoted = quoting.double_quoted(text)
    except ValueError:
        assert not text.isprintable()
        return

    assert docker_reader.assignments(f"A={quoted} B=1") == [("A", text), ("B", "1")]
