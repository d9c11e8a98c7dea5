"""Container specifications from a manifest: what they say, what they leave out, and that nothing breaks out of them."""

from __future__ import annotations

import json

import audit_example
import definition_reader
import docker_reader
import pytest

from auditor.container import specs
from auditor.manifest.models import Fact

SHA256 = audit_example.PAYLOAD_SHA256
value = audit_example.value


def written(facts=None, findings=None, *, signed=True):
    """The files of the example with these facts added."""
    manifest = audit_example.manifest(facts={**audit_example.FACTS, **(facts or {})}, findings=findings)
    return specs.files(manifest, SHA256, signed=signed)


def joined(text):
    """The text with its comments' lines joined."""
    return text.replace("\n#  ", "")


def parsed(facts=None, findings=None):
    """The Dockerfile as an independent reader sees it."""
    return docker_reader.dockerfile(written(facts, findings)["Dockerfile"])


def pins(facts=None):
    """The requirements as `packaging` sees them."""
    found = docker_reader.requirements(written(facts)["requirements.txt"])
    return {requirement.name: str(requirement.specifier) for requirement in found}


def test_the_dockerfile_has_these_instructions_and_no_others():
    """Two stages of one base, packages, labels, variables, a user without rights; no health command, no entry point."""
    found = parsed()

    assert found.directives == {}
    assert found.names() == [
        *("FROM", *["ARG"] * 4, "COPY", "COPY", "RUN"),
        *("FROM", "LABEL", "ARG", "RUN", "COPY", "RUN", *["ENV"] * 4, "USER", "WORKDIR", "CMD"),
    ]
    assert found.all("FROM") == ["python:3.12.11-slim-bookworm AS build", "python:3.12.11-slim-bookworm"]
    installed = found.all("RUN")[0]
    assert "--no-compile --no-deps --find-links /spec/wheels --requirement /spec/requirements.txt" in installed
    assert "PIP_NO_CACHE_DIR=1" in installed
    assert found.all("USER") == ["audited"]
    assert found.all("CMD") == ['["python3"]']


def test_every_file_gets_the_time_of_the_audit():
    """One number per manifest, and never the build's time."""
    assert parsed().all("ARG")[0] == parsed().all("ARG")[-1] == "SOURCE_DATE_EPOCH=1795348845"
    assert "export SOURCE_DATE_EPOCH=1795348845\n" in written()["apptainer.def"]


@pytest.mark.parametrize("text", ["", "x", "2026-11-22T12:00:45", "9999-11-22T12:00:45Z", "2026-13-22T12:00:45Z"])
def test_an_end_that_is_no_time_is_said(text):
    """Then files get the earliest time that archives can hold."""
    manifest = audit_example.manifest(finished_on=text)

    assert "ARG SOURCE_DATE_EPOCH=315532800\n" in specs.files(manifest, SHA256)["Dockerfile"]
    assert any("ASSUMED: the audit ended at" in note for note in specs.notes(manifest))


def test_apptainer_and_devcontainer_are_made_of_the_same_model():
    """Base, commands, variables, labels and notes agree with the Dockerfile's."""
    files = written()
    docker, found = docker_reader.dockerfile(files["Dockerfile"]), definition_reader.definition(files["apptainer.def"])
    container = json.loads(files[".devcontainer/devcontainer.json"])

    assert found.header == {"bootstrap": "docker", "from": "python:3.12.11-slim-bookworm"}
    assert [*found.sections] == ["files", "post", "environment", "labels", "runscript"]
    assert found.labels == docker.pairs("LABEL")
    path = {"VIRTUAL_ENV": "/opt/audited", "PATH": "/opt/audited/bin:/nothing"}
    assert found.environment() == {**docker.pairs("ENV"), **path}
    installed = [line.strip() for line in found.sections["post"].splitlines() if " -m pip " in line]
    assert installed[0] in docker.all("RUN")[0]
    assert container["build"] == {"dockerfile": "../Dockerfile", "context": ".."}
    assert container["remoteUser"] == docker.all("USER")[0]
    assert container["customizations"]["auditor"]["manifest"] == f"sha256:{SHA256}"
    assert any(note.startswith("UNPINNED") for note in container["customizations"]["auditor"]["notes"])


def test_apptainer_copies_what_it_installs():
    """Requirements and wheels, and nothing else."""
    found = definition_reader.definition(written()["apptainer.def"])

    assert found.files == [["requirements.txt", "/spec/requirements.txt"], ["wheels", "/spec/wheels"]]


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


@pytest.mark.parametrize(
    ("name", "version", "url"),
    [
        ("torch", "2.13.0+cpu", "https://download.pytorch.org/whl/cpu"),
        ("torchvision", "0.28.0+cu130", "https://download.pytorch.org/whl/cu130"),
        ("torch", "2.9.0+rocm6.4", "https://download.pytorch.org/whl/rocm6.4"),
    ],
)
def test_a_local_version_asks_for_its_publishers_index(name, version, url):
    """`+cpu` is not on the default index: the publisher's is the default of an argument, in every format."""
    files = written({"python.distributions": value({name: {"version": version}})})

    assert f'PIP_EXTRA_INDEX_URL="{url}"' in docker_reader.dockerfile(files["Dockerfile"]).all("ARG")
    assert f'export PIP_EXTRA_INDEX_URL="${{PIP_EXTRA_INDEX_URL:-{url}}}"' in files["apptainer.def"]
    assert f"OWN INDEX: the default index does not carry {name} {version}; pip also queries {url}" in joined(
        files["requirements.txt"]
    )


def test_pages_of_links_are_asked_as_such():
    """What is published on a page and in no index."""
    text = written({"python.distributions": value({"torch-scatter": {"version": "2.1.2+pt25cu124"}})})["Dockerfile"]

    assert "--find-links https://data.pyg.org/whl/torch-2.5.0+cu124.html --requirement" in text


def test_an_unknown_label_is_said():
    """Nothing is guessed: the argument is there, and empty."""
    files = written({"python.distributions": value({"mine": {"version": "1.0+cu130"}})})

    assert "PIP_EXTRA_INDEX_URL" in docker_reader.dockerfile(files["Dockerfile"]).all("ARG")
    assert "mine 1.0+cu130, and the index of that build is not known" in joined(files["Dockerfile"])


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

    assert docker_reader.dockerfile(text).all("FROM")[1] == "python:3.12-slim-bookworm"
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

    assert docker_reader.dockerfile(text).all("FROM")[1] == f"python:3.12.11-slim-{codename}"
    assert ("OTHER SYSTEM" in text) == (system != "debian")
    assert "UNPINNED" in text


def test_another_implementation_is_named():
    """The image holds CPython."""
    assert "OTHER PYTHON: the audited one is 'PyPy'" in written({"python.implementation": value("PyPy")})["Dockerfile"]


def test_an_unsigned_manifest_marks_every_file():
    """A signed one marks none."""
    assert all("UNSIGNED" in text for text in written(signed=False).values())
    assert not any("UNSIGNED" in text for text in written().values())


def test_notes_are_for_the_terminal():
    """What the specification cannot promise, one text each."""
    found = specs.notes(audit_example.manifest())

    assert [note.partition(":")[0] for note in found] == [
        *("OTHER SYSTEM", "UNPINNED", "UNHASHED", "LEFT OUT", "LEFT OUT", "OWN INDEX", "LEFT OUT")
    ]


def test_a_digest_that_is_none_is_refused():
    """The digest goes into a label: it must be one."""
    with pytest.raises(ValueError, match="not of the form"):
        specs.files(audit_example.manifest(), 'x"\nRUN evil')
