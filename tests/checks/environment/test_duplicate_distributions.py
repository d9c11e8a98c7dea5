"""Packages that are installed twice."""

import support


def test_two_metadata_folders_of_one_name_are_named(site):
    """The same name in two spellings and versions is one package installed twice; one folder each passes."""
    site("delta-kit", "1.0")
    alone = support.verdict("environment-duplicate-distributions")
    site("Delta.Kit", "1.1")

    found = support.verdict("environment-duplicate-distributions")

    assert (alone.outcome, found.outcome) == ("pass", "fail")
    assert sorted(found.evidence["broken"]) == ["delta-kit", "packages"]
    assert found.evidence["broken"]["delta-kit"]["observed"].startswith("2 times: 1.")


def test_a_cover_over_the_environment_is_found(site):
    """Another NumPy on PYTHONPATH covers the installed one."""
    site("numpy", "1.0")

    assert "numpy" in support.verdict("environment-duplicate-distributions").evidence["broken"]
