"""Sizes of installed files."""

import support


def test_files_of_another_size_are_named(site, tmp_path):
    """A grown and a missing file of a framework are named; as installed, it passes."""
    site("jax", "9.9", files={"jax/a.py": "one\n", "jax/b.py": "two\n"})
    before = support.verdict("environment-files-changed")
    (tmp_path / "site" / "jax" / "a.py").write_text("one and more\n")
    (tmp_path / "site" / "jax" / "b.py").unlink()

    found = support.verdict("environment-files-changed")

    assert (before.outcome, found.outcome) == ("pass", "fail")
    assert found.evidence["broken"]["jax 9.9"]["observed"] == "jax/a.py (13 bytes, not 4), jax/b.py (missing)"


def _recorded(metadata, *rows):
    """Add rows to the RECORD of a planted distribution."""
    with (metadata / "RECORD").open("a") as record:
        record.write("".join(f"{row}\n" for row in rows))


def test_what_is_written_anew_is_no_changed_file(site, tmp_path):
    """Bytecode, an installer's notes and scripts change by themselves; files without size or digest were made here."""
    metadata = site("jax", "9.9", files={"jax/a.py": "one\n"})
    _recorded(
        metadata,
        "jax/__pycache__/a.cpython-311.pyc,sha256=x,99",
        "jax/__pycache__/gone.cpython-311.pyc,,",
        *(f"jax-9.9.dist-info/{name},sha256=x,99" for name in ("INSTALLER", "REQUESTED", "direct_url.json")),
        "jax-9.9.dist-info/RECORD,,",
        "../../../bin/jax-tool,sha256=x,99",
        "jax/generated.py,,99",
        "jax/listed.py,sha256=x,",
    )
    (tmp_path / "site" / "jax" / "__pycache__").mkdir()
    (tmp_path / "site" / "jax" / "__pycache__" / "a.cpython-311.pyc").write_bytes(b"compiled here")
    (metadata / "INSTALLER").write_text("another\n")

    assert "pass" == support.verdict("environment-files-changed").outcome


def test_a_changed_library_is_named_beside_what_is_written_anew(site, tmp_path):
    """The negative control: a library of another size counts, its bytecode does not."""
    metadata = site("jax", "9.9", files={"jax/core.so": "binary", "jax/INSTALLER": "not in a dist-info folder"})
    _recorded(metadata, "jax/__pycache__/a.cpython-311.pyc,sha256=x,99")
    (tmp_path / "site" / "jax" / "core.so").write_text("patched binary")
    (tmp_path / "site" / "jax" / "INSTALLER").unlink()
    found = support.verdict("environment-files-changed")

    assert "jax/core.so (14 bytes, not 6), jax/INSTALLER (missing)" == found.evidence["broken"]["jax 9.9"]["observed"]


def test_the_audited_frameworks_are_as_installed():
    """All three frameworks and NumPy are compared, and have the sizes that pip recorded."""
    found = support.verdict("environment-files-changed")

    assert {"torch", "tensorflow-cpu", "jax", "jaxlib", "numpy"} == {name.split()[0] for name in found.evidence["held"]}
