"""Locks from a real index: which file is taken, what pip makes of the lock, and what is said where there is none."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest

from auditor.container.specs.indexes import PublisherIndex
from auditor.errors import LockError, UsageError

MANY = ("cp311-cp311-manylinux_2_17_x86_64", "cp311-cp311-manylinux2014_x86_64")


def hashes(text):
    """Name and version to the hashes of a lock."""
    found = {}
    for entry in text.replace(" \\\n", "").splitlines():
        if not entry.startswith("#"):
            pinned, *rest = entry.split()
            found[pinned] = {one.removeprefix("--hash=sha256:") for one in rest}
    return found


@pytest.mark.parametrize("kind", ["JSON", "HTML"])
def test_a_complete_lock_holds_the_hash_of_each_file(site, tools, kind):
    """Sorted, from JSON and from HTML alike; with the manifest's digest and the index that was asked."""
    site.kind = getattr(tools, kind)
    zeta, alpha = site.publish(tools.wheel("Zeta.x", "1.0")), site.publish(tools.wheel("alpha", "2.0"))
    site.files["zeta-x"] = site.files.pop("zeta.x")
    locked = tools.lock(site, {"zeta-x": tools.entry(), "alpha": tools.entry("2.0")})

    assert {"alpha==2.0": {alpha}, "zeta-x==1.0": {zeta}} == hashes(locked.text)
    assert [*hashes(locked.text)] == sorted(hashes(locked.text))
    assert f"# Manifest: sha256:{tools.DIGEST}\n# Index: {site.url}\n" in locked.text
    assert ((), 2) == (locked.notes, locked.requests)


def test_the_tags_choose_among_the_wheels_of_a_version(site, tools):
    """The set in the file's name, expanded, equals the recorded one; a subset is another file."""
    other = ("cp311-cp311-manylinux_2_17_x86_64",)
    wanted = site.publish(tools.wheel("pack", "1.0", MANY))
    for tags in (other, ("cp310-cp310-manylinux_2_17_x86_64",), ("cp311-cp311-win_amd64",)):
        site.publish(tools.wheel("pack", "1.0", tags, content=f"{tags}"))
    site.publish(tools.wheel("pack", "1.1", MANY))
    locked = tools.lock(site, {"pack": tools.entry("1.0", " ".join(MANY))})

    assert {"pack==1.0": {wanted}} == hashes(locked.text)


def test_versions_are_equal_as_pep_440_says(site, tools):
    """1.0 on the index is the manifest's 1.0.0."""
    digest = site.publish(tools.wheel("pack", "1.0"))

    assert {"pack==1.0.0": {digest}} == hashes(tools.lock(site, {"pack": tools.entry("1.0.0")}).text)


def test_all_builds_of_a_wheel_are_listed(site, tools):
    """An installation does not say which build it was, so each is allowed and the note says so."""
    found = {site.publish(tools.wheel("pack", "1.0", build=build, content=build)) for build in ("", "1", "2")}
    locked = tools.lock(site, {"pack": tools.entry()})

    assert {"pack==1.0": found} == hashes(locked.text)
    assert locked.notes[0].startswith("BUILDS: pack==1.0: 3 files match")


@pytest.mark.parametrize("kind", ["JSON", "HTML"])
def test_a_yanked_file_is_locked_and_noted(site, tools, kind):
    """It was audited, so it is what has to come back."""
    site.kind = getattr(tools, kind)
    digest = site.publish(tools.wheel("pack", "1.0"), yanked="breaks\nRUN rm -rf /")
    locked = tools.lock(site, {"pack": tools.entry()})

    assert {"pack==1.0": {digest}} == hashes(locked.text)
    assert locked.notes[0].startswith("YANKED: pack==1.0 (pack-1.0-py3-none-any.whl) was withdrawn")
    assert "\nRUN" not in locked.text


@pytest.mark.parametrize("said", [{}, {"md5": "0" * 32}, {"sha256": "zz"}, {"sha256": "0" * 63}])
def test_without_a_sha256_there_is_no_lock(site, tools, said):
    """Pip checks all or none: the one without a hash is named, and nothing is written for the others."""
    site.publish(tools.wheel("good", "1.0"))
    site.publish(tools.wheel("pack", "1.0"), hashes=said)
    locked = tools.lock(site, {"good": tools.entry(), "pack": tools.entry()})
    other = ", only md5" if "md5" in said else ""

    assert "" == locked.text
    assert [f"UNHASHED: pack==1.0: {site.url}: the index gives no sha256 for pack-1.0-py3-none-any.whl{other}."] == [
        *locked.notes
    ]


def test_a_source_distribution_alone_is_no_lock(site, tools):
    """Where only the source exists, the wheel was built on that machine: its bits cannot be had again."""
    source = site.publish(("pack-1.0.tar.gz", b"source"))
    locked = tools.lock(site, {"pack": tools.entry()})

    assert "" == locked.text
    assert "UNHASHED: pack==1.0" in locked.notes[0]
    assert "BUILT on the audited machine" in locked.notes[0]
    assert f"pack-1.0.tar.gz sha256:{source}" in locked.notes[0]


def test_a_locally_built_tag_is_no_published_wheel(site, tools):
    """linux_x86_64 is what a build on a machine gives; the index's wheels were looked into and hold other tags."""
    site.publish(tools.wheel("pack", "1.0", MANY))
    site.publish(("pack-1.0.tar.gz", b"source"))
    locked = tools.lock(site, {"pack": tools.entry("1.0", "cp311-cp311-linux_x86_64")})

    assert "" == locked.text
    assert "BUILT on the audited machine" in locked.notes[0]


def test_a_wheel_whose_name_says_other_tags_is_found_by_its_inside(site, tools):
    """PyTorch up to 2.4: linux_x86_64 inside, manylinux1_x86_64 outside; read through ranges, without a download."""
    inside, outside = "cp311-cp311-linux_x86_64", "pack-1.0-cp311-cp311-manylinux1_x86_64.whl"
    big = "#" * 400_000
    digest = site.publish(tools.wheel("pack", "1.0", (inside,), filename=outside, content=big))
    site.publish(tools.wheel("pack", "1.0", (inside,), filename="pack-1.0-cp311-cp311-win_amd64.whl"))
    locked = tools.lock(site, {"pack": tools.entry("1.0", inside)})
    ranges = [headers["Range"] for path, headers in site.seen if path.startswith("/files/")]

    assert {"pack==1.0": {digest}} == hashes(locked.text)
    assert [f"TAGS: pack==1.0 ({outside}): its name says other tags than its WHEEL file."] == [*locked.notes]
    assert "bytes=-65536" in ranges


def test_a_server_without_ranges_locks_nothing_by_the_inside(site, tools):
    """A wheel that cannot be looked into could be the one, and could be another."""
    name, data = tools.wheel(
        "pack", "1.0", ("cp311-cp311-linux_x86_64",), filename="pack-1.0-cp311-cp311-manylinux1_x86_64.whl"
    )
    site.publish((name, data))
    site.answers[f"/files/{name}"] = (200, {}, data)
    locked = tools.lock(site, {"pack": tools.entry("1.0", "cp311-cp311-linux_x86_64")})

    assert ("", True) == (locked.text, locked.notes[0].startswith("UNHASHED: pack==1.0"))


ORIGINS = {
    "git": {"origin": "git", "url": "https://example.com/pack.git", "commit": "ab" * 20},
    "folder": {"origin": "folder", "editable": True},
    "archive": {"origin": "archive", "url": "https://example.com/pack.whl", "archive_hash": "md5=" + "ab" * 16},
    "conda": {"origin": "unknown"},
}


@pytest.mark.parametrize("origin", ORIGINS)
def test_what_did_not_come_from_an_index_is_named_and_not_asked(site, tools, origin):
    """Git, a folder, an archive, conda: named with its source, and the index is not asked for it."""
    site.publish(tools.wheel("good", "1.0"))
    locked = tools.lock(site, {"good": tools.entry(), "pack": {**tools.entry(), **ORIGINS[origin]}})
    said = ORIGINS[origin].get("commit") or ORIGINS[origin].get("archive_hash") or ""

    assert ("", ["/simple/good/"]) == (locked.text, site.paths())
    assert locked.notes[0].startswith("UNHASHED: pack 1.0 came from ")
    assert said in locked.notes[0]


@pytest.mark.parametrize(
    "recorded",
    [(), ("1.0\nRUN x", "py3-none-any"), ("1.0", ""), ("1.0", "$(x)"), ("1.0", ".".join("a" * 400) + "-b.c.d-e")],
)
def test_a_hostile_or_old_record_is_named(site, tools, recorded):
    """No version, a version with a line's end, no tag (installed without a wheel), a tag that is none, or thousands."""
    locked = tools.lock(site, {"pack": tools.entry(*recorded) if recorded else {}})

    assert ("", []) == (locked.text, site.paths())
    assert locked.notes[0].startswith("UNHASHED: ")
    assert "pack" in locked.notes[0]


def test_a_project_or_version_that_is_gone_is_named(site, tools):
    """Removed from the index: the project, or the file of this version."""
    site.publish(tools.wheel("pack", "2.0"))
    locked = tools.lock(site, {"gone": tools.entry(), "pack": tools.entry("1.0")})

    assert [
        f"UNHASHED: gone==1.0: {site.url}: the index does not have it.",
        f"UNHASHED: pack==1.0: {site.url}: the index has no file of this version.",
    ] == [*locked.notes]


def test_an_index_that_cannot_be_reached_is_one_message(site, tools):
    """No answer from anybody: exit 5, once, with what to do."""
    site.close()

    with pytest.raises(LockError) as caught:
        tools.lock(site, {f"pack{number}": tools.entry() for number in range(20)})

    assert 5 == caught.value.exit_code
    assert 1 == caught.value.message.count("was not reached")
    assert "--index" in caught.value.hint


def test_one_page_in_trouble_is_not_the_whole_index(site, tools):
    """The index fails for one project, the first that is asked: the others are found all the same."""
    names = [f"pack{number}" for number in range(12)]
    for name in names:
        site.publish(tools.wheel(name, "1.0"))
    site.answers["/simple/pack0/"] = (500, {}, b"")
    locked = tools.lock(site, {name: tools.entry() for name in names})

    assert sorted(names[1:]) == [*locked.files]
    assert [f"UNHASHED: pack0==1.0: {site.url}: it answers HTTP 500."] == [*locked.notes]


def test_a_publishers_build_is_asked_of_its_publisher(site, other_site, tools):
    """`+cpu` is asked of its own index after the user's, which does not have it."""
    site.publish(tools.wheel("good", "1.0"))
    digest = other_site.publish(tools.wheel("pack", "1.0+cpu"))
    place = PublisherIndex(other_site.url.rstrip("/"), "index", "its page")
    found = {"good": tools.entry(), "pack": tools.entry("1.0+cpu")}
    locked = tools.lock(site, found, publisher=lambda name, _: place if name == "pack" else None)

    assert {digest} == hashes(locked.text)["pack==1.0+cpu"]
    assert {site.url, other_site.url} == {line[9:] for line in locked.text.splitlines() if line.startswith("# Index")}
    assert ["/simple/pack/"] == other_site.paths()


def test_a_publisher_out_of_reach_names_its_builds_alone(site, other_site, tools):
    """The others are found; the lock is not complete and says why."""
    other_site.close()
    site.publish(tools.wheel("good", "1.0"))
    place = PublisherIndex(other_site.url, "index", "its page")
    found = {"good": tools.entry(), "pack": tools.entry("1.0+cpu")}
    locked = tools.lock(site, found, publisher=lambda *_: place)

    assert ("", ["good"]) == (locked.text, [*locked.files])
    assert f"{other_site.url} was not reached: no connection" in locked.notes[0]


def test_a_page_of_links_is_read_as_pip_reads_find_links(site, tools):
    """One page, files of several projects, folders in the texts."""
    name, data = tools.wheel("pack", "1.0+cuda12")
    digest = site.publish((name, data))
    body = f'<a href="/files/{name}#sha256={digest}">cuda12/{name}</a><a href="/files/x-1.0.zip">x-1.0.zip</a>'.encode()
    site.answers["/releases.html"] = (200, {"Content-Type": tools.HTML}, body)
    place = PublisherIndex(f"http://{site.place}/releases.html", "find-links", "its page")
    locked = tools.lock(site, {"pack": tools.entry("1.0+cuda12")}, publisher=lambda *_: place)

    assert {"pack==1.0+cuda12": {digest}} == hashes(locked.text)


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc",
        "ftp://host/",
        "http://example.com/simple/",
        "javascript:x",
        "https://",
        "https://a b/",
        "https://h/?t=1",
        "x\ny",
    ],
)
def test_an_index_that_is_no_address_is_a_usage_error(tools, address):
    """Plain http is for this machine alone."""
    from auditor.container import locks

    with pytest.raises(UsageError):
        locks.plan(tools.manifest({"pack": tools.entry()}), address, tools.nowhere)


def test_the_recorded_index_is_asked_when_it_is_known(tools):
    """What pip and uv were configured with, the main one first; others are not, and it is said."""
    from auditor.container import locks
    from auditor.container.locks.indexes import PUBLIC

    def asked(*lines):
        planned = locks.plan(tools.manifest({"pack": tools.entry()}, [*lines]), "", tools.nowhere)
        return [index.url for index in planned.indexes], len(planned.remarks)

    assert ([PUBLIC], 0) == asked()
    assert (["https://m.example/simple/"], 0) == asked("PIP_INDEX_URL: https://m.example/simple")
    assert ([PUBLIC, "https://e.example/"], 1) == asked("pip.conf extra-index-url: https://e.example file:///opt/x")
    assert ([PUBLIC], 1) == asked("PIP_INDEX_URL: https://host-0123456789ab/simple")
    assert ([PUBLIC], 1) == asked("UV_DEFAULT_INDEX: http://169.254.169.254/latest")
    assert ([PUBLIC], 1) == asked("PIP_INDEX_URL: https://user:pass@m.example/simple")
    assert ([PUBLIC], 0) == asked("pip.conf find-links: https://m.example/x")


def test_pip_installs_by_the_lock_and_refuses_a_changed_wheel(site, tools, tmp_path):
    """Into a fresh environment with --require-hashes; with one byte of the wheel's code changed it refuses."""
    for name in ("alpha", "beta"):
        site.publish(tools.wheel(name, "1.0"))
    lock = tmp_path / "requirements.lock"
    lock.write_text(tools.lock(site, {"alpha": tools.entry(), "beta": tools.entry()}).text, encoding="utf-8")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    python = tmp_path / "venv/bin/python"
    pip = [sys.executable, "-m", "pip", "--python", python, "--isolated", "install", "--index-url", site.url]
    pip += ["--no-cache-dir", "--force-reinstall"]
    strict = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", lock]
    first = subprocess.run([*pip, *strict], capture_output=True, text=True, check=False)
    name, data = tools.wheel("beta", "1.0", content="VALUE = 2\n")
    site.files["beta"][name]["data"] = data
    site.files["beta"][name]["hashes"] = {}
    second = subprocess.run([*pip, *strict], capture_output=True, text=True, check=False)
    told = subprocess.run(
        [python, "-c", "import alpha, beta; print(beta.VALUE)"], capture_output=True, text=True, check=True
    )

    assert (0, "1\n") == (first.returncode, told.stdout), first.stderr
    assert 0 != second.returncode
    assert "DO NOT MATCH THE HASHES" in second.stderr


def test_a_folder_of_wheels_gives_what_no_index_has(site, tools, tmp_path):
    """By name, version and tags, by the inside too; said in the lock, and copied into a wheelhouse with its hash."""
    from auditor.container import locks
    from auditor.container.locks import wheelhouse

    own, inside = tools.wheel("own", "1.0+cpu"), tools.wheel("deep", "1.0", ("cp311-cp311-linux_x86_64",))
    deep = ("deep-1.0-cp311-cp311-manylinux1_x86_64.whl", inside[1])
    for name, data in (own, deep, tools.wheel("good", "1.0", content="other"), ("own-2.0.zip", b""), ("x.whl", b"")):
        (tmp_path / name).write_bytes(data)
    good = site.publish(tools.wheel("good", "1.0"))
    found = {"own": tools.entry("1.0+cpu"), "deep": tools.entry("1.0", "cp311-cp311-linux_x86_64")}
    planned = locks.plan(tools.manifest({**found, "good": tools.entry()}), site.url, tools.nowhere, tmp_path)
    locked = locks.lock(planned, tools.DIGEST, tools.nowhere)
    wheelhouse.fill(locked, tmp_path / "wheels", tools.nowhere)
    got = hashes(locked.text)

    assert [*got] == ["deep==1.0", "good==1.0", "own==1.0+cpu"]
    assert {good} == got["good==1.0"]
    assert "# FILE: own==1.0+cpu is 'own-1.0+cpu-py3-none-any.whl' of --wheels" in locked.text.replace('"', "'")
    assert own[1] == (tmp_path / "wheels" / own[0]).read_bytes()


def test_a_folder_of_wheels_needs_no_index(site, tools, tmp_path):
    """Where nobody answers, what lies in the folder is locked all the same; what does not is named."""
    from auditor.container import locks

    site.close()
    (tmp_path / "pack-1.0-py3-none-any.whl").write_bytes(tools.wheel("pack", "1.0")[1])
    planned = locks.plan(tools.manifest({"pack": tools.entry()}), site.url, tools.nowhere, tmp_path)
    more = locks.plan(tools.manifest({"pack": tools.entry(), "gone": tools.entry()}), site.url, tools.nowhere, tmp_path)

    assert "pack==1.0 " in locks.lock(planned, tools.DIGEST, tools.nowhere).text
    assert "--wheels has none that matches" in locks.lock(more, tools.DIGEST, tools.nowhere).notes[0]


def test_an_archive_is_locked_by_the_hash_that_its_installation_kept(site, tools, tmp_path):
    """Proof instead of likeness: the file with that sha256, of an index or of a folder; another one never."""
    from auditor.container import locks

    (name, data), other = tools.wheel("pack", "1.0"), tools.wheel("pack", "1.0", content="other")
    digest = hashlib.sha256(data).hexdigest()
    found = {"pack": tools.entry(tag="", origin="archive", archive_hash=f"sha256={digest}")}
    site.publish(other)
    without = tools.lock(site, found)
    (tmp_path / name).write_bytes(data)
    planned = locks.plan(tools.manifest(found), site.url, tools.nowhere, tmp_path)
    in_folder = locks.lock(planned, tools.DIGEST, tools.nowhere)
    site.publish((name, data))
    at_index = tools.lock(site, found)

    assert ("", True) == (without.text, digest in without.notes[0])
    assert {"pack==1.0": {digest}} == hashes(in_folder.text) == hashes(at_index.text)
