"""A manifest is somebody else's file: nothing in it adds an instruction, leaves the folder or runs."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import PurePosixPath

import audit_example
import definition_reader
import docker_reader
import hostile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from auditor.container import specs
from auditor.container.specs.tables import table
from auditor.quoting import dockerfile as quoting

SHA256 = audit_example.PAYLOAD_SHA256
value = audit_example.value
BIDIRECTIONAL = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
PATHS = {
    *("Dockerfile", "apptainer.def", ".devcontainer/devcontainer.json", "wheels/README"),
    *("requirements.txt", "check-driver"),
}

urls = st.sampled_from(("https://example.org/a/b", "https://example.org/a/../b", "file:///etc", "ssh://x/y")) | (
    hostile.texts
)
commits = st.sampled_from(("0" * 40, "f" * 40, "main")) | hostile.texts
sources = st.fixed_dictionaries(
    {"version": st.just("1.0"), "origin": st.just("git"), "commit": commits}, optional={"url": urls}
)
zones = st.sampled_from(("Europe/Berlin", "UTC", ":Asia/Tokyo", "../../etc/passwd", "X/../Y")) | hostile.texts
locales = st.sampled_from(("de_DE.UTF-8", "C.UTF-8", "ca_ES.utf8@valencia", "de_DE.UTF-8;id", "../x")) | hostile.texts
paths = (
    st.sampled_from(
        (
            *("/usr/lib/x86_64-linux-gnu/libgomp.so.1.0.0", "lib/x86_64-linux-gnu/libm.so.6", "libcudart.so.12"),
            *(
                "/usr/local/cuda/lib64/libcublas.so.12",
                "/usr/lib/x86_64-linux-gnu/../../evil.so",
                "torch/lib/libc10.so",
            ),
        )
    )
    | hostile.texts
)
releases = st.sampled_from(("12.8", "13.0", "11.8", "12", "99.9", "12.8.1")) | hostile.texts
bases = st.sampled_from(("", f"python@sha256:{'a' * 64}", f"127.0.0.1:5005/x:1@sha256:{'b' * 64}"))
times = st.sampled_from(("2026-11-22T12:00:45Z", "1960-01-01T00:00:00Z")) | hostile.texts


@st.composite
def manifests(draw):
    """Hostile manifests, with what only specifications read in them as well."""
    made = draw(hostile.manifests())
    facts = dict(made.predicate.facts)
    distributions = {**facts["python.distributions"].value, **draw(st.dictionaries(hostile.names, sources, max_size=2))}
    environment = {**facts["env"].value, "TZ": draw(zones), "LANG": draw(locales), "LC_ALL": draw(locales)}
    loaded = [{"library": path, "path": path} for path in draw(st.lists(paths, max_size=4))]
    addresses = [f"{name}: {draw(urls)}" for name in distributions]
    facts |= {
        "python.distributions": value(distributions),
        "python.distributions.addresses": value(addresses),
        "env": value(environment),
        "torch.libraries.loaded": value(loaded),
        "torch.build.cuda": value(draw(releases)),
        "torch.cudnn.version": value(draw(st.integers(-1, 999999) | hostile.texts)),
        "python.locale": value(draw(locales)),
        "python.time_zone": value([draw(hostile.texts)]),
    }
    return audit_example.manifest(
        facts=facts, findings=made.predicate.findings, readings=[], finished_on=draw(times), python=draw(hostile.texts)
    )


def commands(text):
    """The words of a shell script, as a shell splits them, one list per line."""
    return [shlex.split(line, comments=True) for line in text.split("\n")]


def vocabulary():
    """The words of every command that a plain example has: with and without packages, locales and snapshot."""
    facts = {
        **audit_example.FACTS,
        "env": value({"LANG": "de_DE.UTF-8"}),
        "torch.build.cuda": value("12.8"),
        "torch.libraries.loaded": value(
            [{"path": "/usr/local/cuda/lib64/libcudart.so.12"}, {"path": "/usr/lib/x86_64-linux-gnu/libgomp.so.1"}]
        ),
    }
    words = set()
    snapshot = specs.Choices(snapshot="20261101T000000Z")
    for found, choices in ((audit_example.FACTS, specs.Choices()), (facts, specs.Choices()), (facts, snapshot)):
        files = specs.files(audit_example.manifest(facts=found), SHA256, choices=choices)
        run = "\n".join(docker_reader.dockerfile(files["Dockerfile"]).all("RUN"))
        post = definition_reader.definition(files["apptainer.def"]).sections["post"]
        words |= {word for line in commands(run) + commands(post) for word in line}
    return words


PLAIN = vocabulary()
PACKAGES = {entry["package"] for entry in table("libraries")["library"]} | {
    *("git", "ca-certificates", "locales", "tzdata", "python3", "python3-venv")
}
MADE = re.compile(
    r"[a-z]{2,3}_[A-Z]{2}(?:\.UTF-8)?(?:@[a-z]+)?;?|--inputfile=[a-z]{2,3}_[A-Z]{2}(?:@[a-z]+)?"
    r"|SOURCE_DATE_EPOCH=[0-9]{9,10}|https://(?:storage\.googleapis\.com|data\.pyg\.org)/[A-Za-z0-9_./+-]+"
    r"|PIP_EXTRA_INDEX_URL=\$\{PIP_EXTRA_INDEX_URL:-(?:https://download\.pytorch\.org/whl/[a-z0-9.]+ ?)+\}"
)
"""Words that a manifest may decide: a locale, a time, an address of our own table."""


def is_plain(word):
    """Whether a word of a command is ours, a package of our table, or of a form that a manifest may decide."""
    return word in PLAIN or word.rstrip(";") in PACKAGES or word.rstrip(";") in PLAIN or bool(MADE.fullmatch(word))


def is_version_check(word):
    """The program that compares the base's Python: ours but for the release."""
    shape = re.sub(r'"3\.[0-9]{1,2}"|is 3\.[0-9]{1,2}:', "RELEASE", word.rstrip(";"))
    plain = {re.sub(r'"3\.[0-9]{1,2}"|is 3\.[0-9]{1,2}:', "RELEASE", one.rstrip(";")) for one in PLAIN}
    return word.startswith("import sys;") and shape in plain


@given(manifests(), bases, st.sampled_from(("", "20261101T000000Z")))
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_nothing_in_a_manifest_adds_an_instruction_a_requirement_or_a_word(manifest, base, snapshot):
    """Independent readers find the intended instructions in the intended order, whatever the manifest's texts are."""
    choices = specs.Choices(base=base, snapshot=snapshot)
    files = specs.files(manifest, SHA256, choices=choices)
    docker = docker_reader.dockerfile(files["Dockerfile"])
    definition = definition_reader.definition(files["apptainer.def"])
    variables = docker.pairs("ENV")

    assert files == specs.files(manifest, SHA256, choices=choices)
    assert files.keys() <= PATHS
    assert all(".." not in PurePosixPath(name).parts for name in files)
    for text in files.values():
        assert not BIDIRECTIONAL.search(text)
        assert text.isascii() or not re.search(r"[^\x20-\U0010ffff\n]", text)
        assert all(line.isprintable() for line in text.split("\n"))
    check_instructions(docker, gpu="check-driver" in files)
    check_sections(definition, docker, gpu="check-driver" in files)
    check_variables(variables, manifest)
    check_requirements(files["requirements.txt"], manifest)
    check_container(files[".devcontainer/devcontainer.json"])
    run = [word for one in docker.all("RUN") for line in commands(one) for word in line]
    post = [word for line in commands(definition.sections["post"]) for word in line]
    assert [word for word in run + post if not is_plain(word) and not is_version_check(word)] == []


def check_instructions(docker, *, gpu):
    """The same instructions in the same order for every manifest."""
    assert docker.directives == {}
    driver = [("COPY", "check-driver /usr/local/bin/check-driver")] if gpu else []
    words = [word for word, _ in docker.instructions if word != "ENV"]
    assert words == [
        *("FROM", *["ARG"] * 4, "COPY", "COPY", "RUN", "FROM", "LABEL", "ARG", "RUN", "COPY"),
        *(word for word, _ in driver),
        *("RUN", "USER", "WORKDIR", *(["ENTRYPOINT"] if gpu else []), "CMD"),
    ]
    assert docker.all("COPY") == [
        *("requirements.txt /spec/requirements.txt", "wheels/ /spec/wheels/"),
        *("--from=build /opt/audited /opt/audited", *(rest for _, rest in driver)),
    ]
    first, second = docker.all("FROM")
    assert first == f"{second} AS build"
    assert re.fullmatch(
        r"python:3[0-9.abrc]*-slim-(bullseye|bookworm|trixie)|nvidia/cuda:[0-9.]+-[a-z0-9-]+-ubuntu2[024]\.04"
        r"|[a-z0-9.:/]+@sha256:[0-9a-f]{64}",
        second,
    )
    assert set(docker.pairs("LABEL").values()) >= {f"sha256:{SHA256}"}


def check_sections(definition, docker, *, gpu):
    """The sections, in order, and what a shell makes of the environment."""
    assert [*definition.sections] == ["files", "post", "environment", "labels", "runscript"]
    assert definition.header.keys() == {"bootstrap", "from"}
    assert len(definition.files) == 2 + gpu
    assert definition.labels == docker.pairs("LABEL")
    path = {"VIRTUAL_ENV": "/opt/audited", "PATH": "/opt/audited/bin:/nothing"}
    assert definition.environment() == {**docker.pairs("ENV"), **path}


def check_variables(variables, manifest):
    """Names that decide numbers, with values that the manifest has."""
    audited = manifest.predicate.facts["env"].value
    remedies = [finding.remedy_env for finding in manifest.predicate.findings if finding.outcome == "fail"]
    for name, content in variables.items():
        assert name == "XLA_FLAGS" or content in (audited.get(name), *(one.get(name) for one in remedies))
        assert not name.startswith(("PATH", "LD_", "PYTHONPATH", "PYTHONSTARTUP", "BASH_ENV"))


def check_requirements(text, manifest):
    """Exact versions and whole commits of what the manifest names."""
    known = {canonicalize_name(name) for name in manifest.predicate.facts["python.distributions"].value}
    for requirement in docker_reader.requirements(text):
        assert requirement.marker is None
        assert not requirement.extras
        assert requirement.name in known
        if requirement.url:
            assert quoting.SOURCE.fullmatch(requirement.url)
        else:
            assert [one.operator for one in requirement.specifier] == ["=="]


def check_container(text):
    """Strict JSON with these keys and no others: a further one could run a command."""
    read = json.loads(text)
    assert read.keys() - {"hostRequirements", "postStartCommand"} == {"name", "build", "remoteUser", "customizations"}
    assert read["build"] == {"dockerfile": "../Dockerfile", "context": ".."}
    assert read.get("postStartCommand") in (None, ["/usr/local/bin/check-driver", "true"])
    assert all(note.isprintable() for note in read["customizations"]["auditor"]["notes"])


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
    files = specs.files(audit_example.manifest(facts={**audit_example.FACTS, **facts}, findings=[]), SHA256)
    found = docker_reader.dockerfile(files["Dockerfile"])
    pins = docker_reader.requirements(files["requirements.txt"])

    check_instructions(found, gpu=False)
    assert found.pairs("ENV") == {"OMP_B": 'q" \\', "OMP_E": "$(id) ${HOME} `id`"}
    assert [str(one) for one in pins] == ["ok==1"]


def test_a_remedy_of_a_stranger_sets_no_variable_that_runs_something():
    """A manifest's remedies are its own: only names that decide numbers are taken."""
    bad = {"LD_PRELOAD": "/x.so", "PYTHONSTARTUP": "/x.py", "PATH": "/x", "BASH_ENV": "/x", "PYTHONHASHSEED": "0"}
    finding = audit_example.FINDINGS[0].model_copy(update={"remedy_env": bad})
    manifest = audit_example.manifest(findings=[finding])
    files = specs.files(manifest, SHA256)

    assert docker_reader.dockerfile(files["Dockerfile"]).pairs("ENV") == {"OMP_NUM_THREADS": "4", "PYTHONHASHSEED": "0"}
    assert sum(note.startswith("LEFT OUT") and "change numbers" in note for note in specs.notes(manifest)) == 4
