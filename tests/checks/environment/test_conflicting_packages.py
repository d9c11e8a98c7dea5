"""Requirements between installed packages."""

import subprocess

import support


def test_a_requirement_that_is_not_met_is_named(site):
    """A too old package, a missing one and one under a marker that does not apply: the first two are named."""
    site("alpha-kit", "1.0", ["beta_kit>=2", "gamma", "delta; python_version < '3'", "eps; extra == 'more'"])
    site("beta.kit", "1.5")

    found = support.verdict("environment-conflicting-packages")

    assert found.outcome == "fail"
    assert sorted(found.evidence["broken"]) == [
        "alpha-kit requires beta-kit",
        "alpha-kit requires gamma",
        "requirements",
    ]
    assert found.evidence["broken"]["alpha-kit requires beta-kit"] == {"expected": ">=2", "observed": "1.5"}


def test_met_requirements_pass(site):
    """The same packages in fitting versions pass, and so does the audited environment, as `pip check` says."""
    site("alpha-kit", "1.0", ["Beta_Kit >=2, <3", "beta.kit (!=2.1)"])
    site("beta-kit", "2.5+local")
    done = subprocess.run([support.AUDITED, "-m", "pip", "check"], capture_output=True, text=True, check=False)

    assert support.verdict("environment-conflicting-packages").outcome == "pass"
    assert done.returncode == 0, done.stdout


def test_what_is_not_understood_is_said(site):
    """A requirement outside the subset is counted as not judged, and breaks nothing."""
    site("alpha", "1.0", ["beta ~=2", "beta; shoe_size > '40'"])
    site("beta", "1.5")

    (reading,) = support.measure("environment-conflicting-packages").repeats

    assert len(reading["conditions"]["not judged"]) == 2
    assert reading["requirements"]["observed"] == "all met"
