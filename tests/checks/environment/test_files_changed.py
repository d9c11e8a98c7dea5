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


def test_the_audited_frameworks_are_as_installed():
    """All three frameworks and NumPy are compared, and have the sizes that pip recorded."""
    found = support.verdict("environment-files-changed")

    assert {"torch", "tensorflow-cpu", "jax", "jaxlib", "numpy"} == {name.split()[0] for name in found.evidence["held"]}
