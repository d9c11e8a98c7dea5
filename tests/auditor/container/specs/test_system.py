"""What an image holds beside the environment: system libraries, locale, time zone, and whence Debian packages are."""

from __future__ import annotations

import re

import audit_example
import definition_reader
import docker_reader
import pytest

from auditor.container import specs
from auditor.container.specs.tables import table

SHA256 = audit_example.PAYLOAD_SHA256
value = audit_example.value
DEBIAN = "/usr/lib/x86_64-linux-gnu"


def built(paths=(), env=None, choices=None, **facts):
    """The Dockerfile, the definition and the notes of an environment that had loaded these libraries."""
    named = {key.replace("__", "."): value(one) for key, one in facts.items()}
    loaded = value([{"library": path.rpartition("/")[2], "path": path} for path in paths])
    found = {**audit_example.FACTS, "torch.libraries.loaded": loaded, "env": value(env or {}), **named}
    manifest = audit_example.manifest(facts=found, findings=[])
    files = specs.files(manifest, SHA256, choices=choices)
    return (
        docker_reader.dockerfile(files["Dockerfile"]),
        definition_reader.definition(files["apptainer.def"]),
        specs.notes(manifest, choices),
    )


@pytest.mark.parametrize(
    ("path", "package"),
    [
        (f"{DEBIAN}/libgomp.so.1.0.0", "libgomp1"),
        ("lib/x86_64-linux-gnu/libgomp.so.1.0.0", "libgomp1"),
        ("/lib/aarch64-linux-gnu/libtbb.so.12.8", "libtbb12"),
        (f"{DEBIAN}/openblas-pthread/libopenblasp-r0.3.21.so", "libopenblas0-pthread"),
        (f"{DEBIAN}/openblas-openmp/libopenblasp-r0.3.21.so", "libopenblas0-openmp"),
        (f"{DEBIAN}/blas/libblas.so.3.11.0", "libblas3"),
        (f"{DEBIAN}/libtcmalloc.so.4.5.10", "libgoogle-perftools4"),
        (f"{DEBIAN}/libtcmalloc_minimal.so.4.5.10", "libtcmalloc-minimal4"),
    ],
)
def test_a_loaded_system_library_brings_its_package(path, package):
    """In both formats, and nothing else with it."""
    docker, definition, _ = built([path])

    assert f"--no-install-recommends {package};" in docker.all("RUN")[1]
    assert f"--no-install-recommends {package}\n" in definition.sections["post"]


@pytest.mark.parametrize(
    "path",
    [
        f"{DEBIAN}/libc.so.6",
        "lib/x86_64-linux-gnu/libm.so.6",
        f"{DEBIAN}/libstdc++.so.6.0.30",
        "numpy.libs/libgomp-abc.so.1",
        "torch/lib/libgomp.so.1",
        f"{DEBIAN}/libcuda.so.570.1",
    ],
)
def test_what_every_base_holds_or_a_wheel_brings_needs_nothing(path):
    """No apt-get at all: most environments are built without Debian's archive."""
    docker, definition, notes = built([path])

    assert "apt-get" not in " ".join(docker.all("RUN"))
    assert "apt-get" not in definition.sections["post"]
    assert not any("loaded from outside" in note for note in notes)


@pytest.mark.parametrize(
    "path", ["/opt/intel/libmkl_rt.so.2", "libfast.so.1", f"{DEBIAN}/libflexiblas.so.3", "/usr/lib64/libgomp.so.1x"]
)
def test_an_unknown_library_is_left_out_by_name(path):
    """Nothing is guessed."""
    docker, _, notes = built([path])

    assert "apt-get" not in " ".join(docker.all("RUN"))
    assert any(note.startswith("LEFT OUT: loaded from outside") and path in note for note in notes)


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8", "C.utf8", ""])
def test_plain_locales_need_nothing(locale):
    """They are in every C library."""
    docker, _, _ = built(env={"LANG": locale})

    assert docker.pairs("ENV") == {"LANG": locale}
    assert "apt-get" not in " ".join(docker.all("RUN"))


@pytest.mark.parametrize(
    ("locale", "command"),
    [
        ("de_DE.UTF-8", "localedef --inputfile=de_DE --charmap=UTF-8 de_DE.UTF-8;"),
        ("ca_ES.utf8@valencia", "localedef --inputfile=ca_ES@valencia --charmap=UTF-8 ca_ES.UTF-8@valencia;"),
    ],
)
def test_a_locale_is_made(locale, command):
    """With Debian's package, and set as it was."""
    docker, _, _ = built(env={"LANG": locale})

    assert docker.pairs("ENV") == {"LANG": locale}
    assert "--no-install-recommends locales;" in docker.all("RUN")[1]
    assert command in docker.all("RUN")[1]


def test_a_locale_that_was_not_in_effect_is_not_made():
    """LANG named one that the machine had not: neither has the image."""
    docker, _, notes = built(env={"LANG": "de_DE.UTF-8"}, python__locale="LC_CTYPE=C.UTF-8;LC_NUMERIC=C")

    assert "apt-get" not in " ".join(docker.all("RUN"))
    assert any("was not in effect" in note for note in notes)


def test_another_encoding_is_left_out_by_name():
    """Only UTF-8 is made."""
    assert any("'de_DE.ISO-8859-1' of LC_ALL" in note for note in built(env={"LC_ALL": "de_DE.ISO-8859-1"})[2])


def test_a_time_zone_is_set_and_has_its_data():
    """Official Python images hold tzdata; others get it."""
    official, _, _ = built(env={"TZ": "Europe/Berlin"})
    other, _, _ = built(env={"TZ": "Europe/Berlin"}, choices=specs.Choices(base=f"mine@sha256:{'a' * 64}"))

    assert official.pairs("ENV") == other.pairs("ENV") == {"TZ": "Europe/Berlin"}
    assert "tzdata" not in official.all("RUN")[1]
    assert "--no-install-recommends tzdata;" in other.all("RUN")[1]


@pytest.mark.parametrize(("names", "said"), [(["CET", "CEST"], True), (["UTC", "UTC"], False)])
def test_a_time_zone_of_the_machine_is_left_out_by_name(names, said):
    """Its abbreviation is no name of a zone."""
    assert any("LEFT OUT: the time zone" in note for note in built(python__time_zone=names)[2]) == said


def test_debian_packages_of_the_day_are_unpinned():
    """Only when there are any."""
    assert any("UNPINNED: Debian packages ('libgomp1')" in note for note in built([f"{DEBIAN}/libgomp.so.1"])[2])
    assert not any("Debian packages" in note for note in built()[2])


def test_a_snapshot_replaces_the_sources():
    """Of both stages and of the definition, before anything is installed; and only then."""
    choices = specs.Choices(snapshot="20261101T000000Z")
    docker, definition, notes = built([f"{DEBIAN}/libgomp.so.1"], choices=choices)
    plain, _, _ = built(choices=choices)

    for text in (docker.all("RUN")[1], definition.sections["post"]):
        assert "archive=http://snapshot.debian.org/archive/debian/20261101T000000Z;" in text
        assert text.index("/etc/apt/sources.list") < text.index("-o Acquire::Check-Valid-Until=false update")
    assert "snapshot" not in docker.all("RUN")[0]
    assert "snapshot" not in " ".join(plain.all("RUN"))
    assert not any("UNPINNED: Debian" in note for note in notes)


@pytest.mark.parametrize(
    "text", ["now", "20261101T000000Z\n", "2026-11-01", "20261101T000000Z;id", "../20261101T000000Z"]
)
def test_a_snapshot_that_is_no_time_is_refused(text):
    """It stands in a shell."""
    with pytest.raises(ValueError, match="not a time of a snapshot"):
        specs.Choices(snapshot=text).check()


def test_every_package_of_the_table_is_one():
    """Patterns compile, and names are those of Debian packages."""
    for entry in table("libraries")["library"]:
        assert re.compile(entry["file"])
        assert re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", entry["package"])
