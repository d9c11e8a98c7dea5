import io
import tarfile

import pytest

from auditor.container.engine.layers import HEADER_BYTES_AT_MOST, Entry, Layer, normal, read_layer
from auditor.container.engine.trees import differences, merged
from auditor.errors import EngineError


def member(name, kind=tarfile.REGTYPE, content=b"", **attributes):
    """A tar member and its content."""
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, len(content)
    for key, value in attributes.items():
        setattr(info, key, value)
    return info, content


def packed(*members, mode="w"):
    """A tar of these members, from its beginning."""
    handle = io.BytesIO()
    with tarfile.open(fileobj=handle, mode=mode, format=tarfile.PAX_FORMAT) as archive:
        for info, content in members:
            archive.addfile(info, io.BytesIO(content))
    return io.BytesIO(handle.getvalue())


def entry(kind="file", **values):
    """An entry with ordinary values."""
    plain = {"mode": 0o644, "uid": 0, "gid": 0, "size": 1, "sha256": "aa" * 32, "link": "", "mtime": 1.0}
    return Entry(kind, **{**plain, **values})


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz"])
def test_hostile_names_are_keys_and_nothing_more(tmp_path, monkeypatch, mode):
    """Names that climb out of a folder, absolute ones, devices and links are recorded; nothing appears on disk."""
    monkeypatch.chdir(tmp_path)
    evil = b"evil\xff\n\x1b[2J".decode("utf-8", "surrogateescape")
    layer = read_layer(
        packed(
            member("../../climbs", content=b"x"),
            member(f"/{tmp_path}/absolute", content=b"y"),
            member("sda", tarfile.BLKTYPE, devmajor=8, devminor=1),
            member("out", tarfile.SYMTYPE, linkname="/etc/passwd"),
            member("pipe", tarfile.FIFOTYPE),
            member(evil, content=b"z"),
            mode=mode,
        )
    )

    assert {"../../climbs", f"{tmp_path}/absolute".removeprefix("/"), "sda", "out", "pipe", evil} == {*layer.entries}
    assert ("block device", "8:1") == (layer.entries["sda"].kind, layer.entries["sda"].link)
    assert "/etc/passwd" == layer.entries["out"].link
    assert [] == [*tmp_path.iterdir()]


def test_content_mode_owner_time_and_attributes_are_read():
    """Each thing that a COPY or a step can set is in the entry, and a hard link has its target's digest."""
    capability = {"SCHILY.xattr.security.capability": "\x01\x02"}
    layer = read_layer(
        packed(
            member("./opt/", tarfile.DIRTYPE, mode=0o755, mtime=7),
            member("opt/tool", content=b"abc", mode=0o4755, uid=3, gid=4, mtime=5.25, pax_headers=capability),
            member("opt/same", tarfile.LNKTYPE, linkname="opt/tool"),
        )
    )
    tool = layer.entries["opt/tool"]

    assert "folder" == layer.entries["opt"].kind
    assert ("file", 0o4755, 3, 4, 3, 5.25) == (tool.kind, tool.mode, tool.uid, tool.gid, tool.size, tool.mtime)
    assert "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" == tool.sha256
    assert (("security.capability", "\x01\x02"),) == tool.xattrs
    assert ("hardlink", tool.sha256, "opt/tool") == (
        layer.entries["opt/same"].kind,
        layer.entries["opt/same"].sha256,
        layer.entries["opt/same"].link,
    )


def test_whiteouts_and_opaque_folders_are_no_files():
    """The two kinds of removal of the OCI image specification."""
    layer = read_layer(packed(member("a/.wh.gone"), member("b/.wh..wh..opq"), member(".wh.top")))

    assert ({}, {"a/gone", "top"}, {"b"}) == (layer.entries, layer.removed, layer.emptied)


def test_layers_are_merged_as_a_container_sees_them():
    """Removed paths go with all below them, emptied folders stay empty, files replace folders and folders stay."""
    below = Layer(
        {
            name: entry("folder" if name in ("a", "b", "c") else "file")
            for name in ("a", "a/x", "ab", "b", "b/y", "c", "c/z", "d")
        },
        frozenset(),
        frozenset(),
    )
    above = Layer(
        {"b": entry("folder", mode=0o700), "b/new": entry(), "c": entry("symlink", link="d")},
        frozenset({"a"}),
        frozenset({"b"}),
    )

    files = merged([below, above])

    assert {"ab", "b", "b/new", "c", "d"} == {*files}
    assert 0o700 == files["b"].mode
    assert {"a", "a/x", "ab", "b", "b/y", "c", "c/z", "d"} == {*merged([below])}


def test_a_file_in_a_layer_survives_its_own_whiteout_of_the_folder():
    """A removal speaks of lower layers alone: what the same layer adds below stays."""
    below = Layer({"a": entry("folder"), "a/old": entry()}, frozenset(), frozenset())
    above = Layer({"a": entry("folder"), "a/new": entry()}, frozenset({"a"}), frozenset())

    assert {"a", "a/new"} == {*merged([below, above])}


def test_differences_are_named_with_content_first():
    """One line for each path; other content stands before missing paths, modes, owners, links and times."""
    first = {
        "time": entry(mtime=1.0), "mode": entry(), "only": entry(), "content": entry(), "owner": entry(),
        "link": entry("symlink", link="a", sha256=""), "kind": entry(), "same": entry(),
    }  # fmt: skip
    second = {
        "time": entry(mtime=2.5), "mode": entry(mode=0o755, mtime=2.0), "content": entry(sha256="bb" * 32),
        "owner": entry(uid=5), "link": entry("symlink", link="b", sha256=""), "kind": entry("fifo"), "same": entry(),
    }  # fmt: skip

    found = differences(first, second)

    assert ["content", "only", "kind", "mode", "owner", "link", "time"] == [item.path for item in found]
    assert ("mode", "mtime") == found[3].aspects
    assert "mtime: 1 and 2.5" == found[6].text
    assert "content: 1 bytes of sha256 aaaaaaaaaaaa and 1 bytes of sha256 bbbbbbbbbbbb" == found[0].text
    assert [] == differences(first, dict(first))


def test_equal_beginnings_of_digests_are_no_equality():
    """What is shortened for reading is compared whole."""
    found = differences({"x": entry(sha256="a" * 64)}, {"x": entry(sha256="a" * 63 + "b")})

    assert [("content",)] == [item.aspects for item in found]


def test_a_header_that_would_fill_the_memory_is_refused():
    """The tar module reads extended headers whole; one of a gigabyte is named and not read."""
    info = tarfile.TarInfo("././@PaxHeader")
    info.type, info.size = tarfile.XHDTYPE, HEADER_BYTES_AT_MOST + 1
    stream = io.BytesIO(info.tobuf(tarfile.USTAR_FORMAT) + bytes(10240))

    with pytest.raises(EngineError, match="extended header"):
        read_layer(stream)


@pytest.mark.parametrize(
    "data", [b"", b"no tar at all" * 100, packed(member("x", content=b"y" * 4000)).getvalue()[:1500]]
)
def test_a_damaged_layer_is_an_error(data):
    """What is no tar, or was cut, is never taken for a layer with fewer files."""
    with pytest.raises(EngineError, match="not a readable tar"):
        read_layer(io.BytesIO(data))


@pytest.mark.parametrize(
    ("name", "key"), [("./a/b/", "a/b"), ("/a", "a"), (".", ""), ("./", ""), ("../a", "../a"), ("//./a", "a")]
)
def test_names_become_keys(name, key):
    """One spelling for a path, whoever wrote the tar."""
    assert key == normal(name)
