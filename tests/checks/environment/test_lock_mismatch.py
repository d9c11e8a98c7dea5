"""Lock files against what is installed, in each format."""

import functools
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import support

from auditor.interpreter.replies import NotApplicable

CHECK = "environment-lock-mismatch"
SAMPLES = Path(__file__).parent / "locks"
OF_PYPI = ("uv.lock", "poetry.lock", "pylock.toml", "requirements.txt")
OF_CONDA = ("pixi.lock", "conda-lock.yml", "conda-linux-64.lock", "environment.yml")
DISTRIBUTIONS = {"alpha-kit": "1.2.0", "beta.kit": "2.0", "iota": "0.5", "theta": "2.13.0"}
"""What a default installation of the samples of PyPI holds; `zeta` is for Windows alone."""
RECORDS = {"alpha-kit": "1.2.0-h0_0", "beta_kit": "2.0-py_1", "zeta": "1.0-0"}
"""What the samples of conda hold."""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder in which the check runs, and a function that writes a lock file there (a sample, unless told)."""
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    monkeypatch.chdir(folder)

    def write(name, content=None, into="."):
        text = (SAMPLES / name).read_text() if content is None else content
        path = folder / into / name.replace("linux-64", subdir())
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("linux-64", subdir()))
        return path

    return write


@functools.cache
def subdir():
    """This platform in conda's channels, asked of a process once."""
    code = "from checks.environment._locks.conda import subdir; print(subdir())"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=support.ROOT, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def install(site):
    """A function that plants distributions: the usual ones, with changes (None takes one away)."""

    def plant(**changes):
        named = {name.replace("_", "-"): version for name, version in changes.items()}
        for name, version in {**DISTRIBUTIONS, **named}.items():
            if version is not None:
                site(name, version)

    return plant


@pytest.fixture
def conda_python(tmp_path, site):
    """A function that makes an environment with records of conda, and gives its Python."""

    def make(**changes):
        prefix = tmp_path / "prefix"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", prefix], check=True)
        (prefix / "conda-meta").mkdir()
        named = {name.replace("alpha_kit", "alpha-kit"): record for name, record in changes.items()}
        for name, record in {**RECORDS, **named}.items():
            if record is not None:
                (prefix / "conda-meta" / f"{name}-{record}.json").write_text("{}")
        site("gamma-kit", "1.0")
        site("my-model", "0.1")
        return str(prefix / "bin" / "python")

    return make


def broken(verdict):
    """What a failed finding names, as (locked, installed)."""
    return {name: (one["expected"], one["observed"]) for name, one in verdict.evidence["broken"].items()}


@pytest.mark.parametrize("name", OF_PYPI)
def test_an_environment_as_locked_passes(name, project, install):
    """With the extras of a dependency, without the project's own extra and group, and without Windows's package."""
    project(name)
    install()

    found = support.verdict(CHECK)

    assert ("pass", f"{name}: as expected") == (found.outcome, found.message)


@pytest.mark.parametrize("name", OF_PYPI)
def test_a_changed_and_a_missing_package_are_named(name, project, install):
    """The message names both; the evidence has both versions."""
    project(name)
    install(beta_kit="2.1", theta=None, **{"beta.kit": None})

    found = support.verdict(CHECK)

    assert "fail" == found.outcome
    assert "2 not as locked: beta-kit, theta" in found.message
    assert ("2.0", "2.1") == broken(found)[f"{name} beta-kit"]
    assert ("2.13.0", "not installed") == broken(found)[f"{name} theta"]
    assert f"{name} alpha-kit" not in broken(found)


@pytest.mark.parametrize("name", OF_PYPI)
@pytest.mark.parametrize("version", ["2.13.0+cpu", "2.13"])
def test_another_label_of_the_locked_version_is_the_locked_version(name, version, project, install):
    """PEP 440: a lock without a local label fits each, and 2.13 is 2.13.0."""
    project(name)
    install(theta=version)

    assert "pass" == support.verdict(CHECK).outcome


@pytest.mark.parametrize("name", OF_PYPI)
@pytest.mark.parametrize("version", ["2.13.0", "2.13.0+cu130"])
def test_a_locked_label_is_compared(name, version, project, install):
    """A lock that names the CPU build does not describe another build."""
    project(name, (SAMPLES / name).read_text().replace("2.13.0", "2.13.0+cpu"))
    install(theta=version)

    assert [f"{name}", f"{name} theta"] == sorted(broken(support.verdict(CHECK)))


@pytest.mark.parametrize("name", ["uv.lock", "poetry.lock"])
def test_an_installed_extra_or_group_must_be_as_locked_too(name, project, install):
    """The extra `plot` and the group `dev` may be absent; where they are present their versions count."""
    project(name)
    install(gamma_kit="1.0", epsilon="3.1")

    assert {f"{name} epsilon": ("3.0", "3.1")} == {
        one: told for one, told in broken(support.verdict(CHECK)).items() if one != name
    }


@pytest.mark.parametrize("name", OF_PYPI)
def test_a_package_that_no_lock_names_is_told_and_fails_nothing(name, project, install):
    """Extra packages are listed in the reading."""
    project(name)
    install(omega="9")
    (reading,) = support.measure(CHECK).repeats

    assert "omega" in reading["conditions"][name]["installed, not locked"]
    assert "theta" not in reading["conditions"][name]["installed, not locked"]
    assert "hashes of archives" in reading["conditions"][name]["not compared"]
    assert "pass" == support.verdict(CHECK).outcome


@pytest.mark.parametrize("name", OF_CONDA)
def test_an_environment_of_conda_as_locked_passes(name, project, conda_python):
    """The records of conda-meta and the distributions of pip are both as locked."""
    project(name)

    found = support.verdict(CHECK, python=conda_python())

    assert "pass" == found.outcome, found.message


@pytest.mark.parametrize("name", OF_CONDA)
@pytest.mark.parametrize(("record", "observed"), [("2.1-py_1", "2.1 py_1"), ("2.0-py_2", "2.0 py_2")])
def test_another_version_or_build_of_conda_is_named(name, record, observed, project, conda_python):
    """A build of conda is a compilation of its own, so it counts as the version does."""
    lock = project(name)

    found = support.verdict(CHECK, python=conda_python(beta_kit=record))

    assert ("2.0 py_1", observed) == broken(found)[f"{lock.name} beta_kit"]
    assert 2 == len(broken(found))


@pytest.mark.parametrize("name", OF_CONDA)
def test_a_missing_package_of_conda_is_named(name, project, conda_python):
    """`alpha-kit` is in no record."""
    lock = project(name)

    found = support.verdict(CHECK, python=conda_python(alpha_kit=None))

    assert "not installed" == broken(found)[f"{lock.name} alpha-kit"][1]
    assert 2 == len(broken(found))


@pytest.mark.parametrize("name", OF_CONDA)
def test_a_lock_of_conda_does_not_apply_to_another_environment(name, project, install):
    """A repository has files for both; the venv is not judged by those of conda."""
    project(name)
    install()
    reply = support.measure(CHECK)

    assert isinstance(reply, NotApplicable)
    assert "this Python is in none" in reply.reason


def test_no_lock_is_not_applicable(project, tmp_path):
    """Nor does a file outside of the checkout count, nor requirements that a person wrote."""
    (tmp_path / "uv.lock").write_text("not read")
    project("requirements.txt", "theta\n")

    assert isinstance(support.measure(CHECK), NotApplicable)


def test_the_nearest_folder_with_locks_decides_up_to_the_top_of_the_checkout(project, install, monkeypatch):
    """A lock at the top counts below it; one beside the work counts alone, and the other is named as not compared."""
    project("poetry.lock")
    project("README.md", "", into="work")
    install(theta="1.0")
    monkeypatch.chdir("work")
    above = support.verdict(CHECK)
    project("uv.lock", into="work")
    (reading,) = support.measure(CHECK).repeats

    assert "../poetry.lock theta" in broken(above)
    assert {"expected": "2.13.0", "observed": "1.0"} == reading["uv.lock theta"]
    assert ["../poetry.lock"] == reading["conditions"]["not compared"]


def test_several_locks_are_each_named(project, install):
    """A lock that was left behind differs, and the one in use does not hide it."""
    project("uv.lock")
    project("poetry.lock", (SAMPLES / "poetry.lock").read_text().replace("2.13.0", "2.12.0"))
    install()

    assert ["poetry.lock", "poetry.lock theta"] == sorted(broken(support.verdict(CHECK)))


BAD = {
    "no TOML": ("uv.lock", "[[package]\n", "no TOML"),
    "unknown version": ("uv.lock", "version = 2\n", "only 1 is known"),
    "wrong types": ("uv.lock", 'version = 1\n[[package]]\nname = ["x"]\n', "no valid name"),
    "deep": ("poetry.lock", "a = " + "[" * 5000 + "]" * 5000, "nested too deeply"),
    "no format": ("poetry.lock", "[metadata]\n", "the version of its format"),
    "a marker": ("pylock.toml", 'lock-version = "1.0"\n[[packages]]\nname = "x"\nmarker = "a =="\n', "no standard"),
    "not UTF-8": ("uv.lock", b"\xff", "not UTF-8"),
}


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_a_lock_that_cannot_be_read_is_inconclusive_with_its_reason(case, project, install):
    """Damaged, hostile or of a later format: no verdict about the environment."""
    name, content, reason = case
    project(name, "").write_bytes(content if isinstance(content, bytes) else content.encode())
    install()

    found = support.verdict(CHECK)

    assert "inconclusive" == found.outcome
    assert f"{name} cannot be read: " in found.message
    assert reason in found.message


BAD_YAML = [
    "version: 7\nenvironments: &a\n",
    "version: 7\n\tx: 1\n",
    "a: |\n  b\n",
    "version: 8\n",
    "- [a\n",
    "a: 1\na: 2\n",
]


@pytest.mark.parametrize("content", BAD_YAML)
def test_yaml_outside_of_the_subset_is_inconclusive(content, project, conda_python):
    """Anchors, tabs, block scalars, an unknown version, an open bracket, a key that stands twice."""
    project("pixi.lock", content)

    found = support.verdict(CHECK, python=conda_python())

    assert ("inconclusive", True) == (found.outcome, found.message.startswith("pixi.lock cannot be read: "))


def test_a_difference_counts_even_if_another_lock_cannot_be_read(project, install):
    """What was measured is a finding."""
    project("uv.lock")
    project("poetry.lock", "damaged")
    install(theta="1.0")

    assert "fail" == support.verdict(CHECK).outcome


def test_a_python_that_the_lock_is_not_for_is_named(project, install):
    """The lock was solved for others: its versions say nothing about this one."""
    project("uv.lock", (SAMPLES / "uv.lock").read_text().replace('">=3.8"', '">=3.99"'))
    install()

    assert "Python >=3.99" == broken(support.verdict(CHECK))["uv.lock requires-python"][0]


GIT = 'version = 1\n[[package]]\nname = "my-model"\nsource = { virtual = "." }\ndependencies = [{ name = "kit" }]\n'
GIT += '[[package]]\nname = "kit"\nversion = "1.0"\nsource = { git = "https://git.example.org/kit?rev=main#%s" }\n'


@pytest.mark.parametrize(("installed", "outcome"), [("a" * 40, "pass"), ("b" * 40, "fail")])
def test_the_commit_of_a_checkout_is_compared(installed, outcome, project, site):
    """Its version number need not change from commit to commit; a version made from the commit is not compared."""
    project("uv.lock", GIT % ("a" * 40))
    url = {"url": "https://git.example.org/kit", "vcs_info": {"vcs": "git", "commit_id": installed}}
    site("kit", "1.0+g" + installed[:7], direct_url_json=json.dumps(url))

    assert outcome == support.verdict(CHECK).outcome


def test_the_version_of_a_folder_is_not_compared(project, site):
    """What is installed in place is what the folder holds; that it is installed counts."""
    project("uv.lock", GIT.replace("git = ", "editable = ") % "")
    site("kit", "7")

    assert "pass" == support.verdict(CHECK).outcome


FORKED = (SAMPLES / "uv.lock").read_text() + (
    '\n[[package]]\nname = "theta"\nversion = "2.13.0+cu130"\nsource = { registry = "https://gpu.example.org" }\n'
)


@pytest.mark.parametrize(("version", "outcome"), [("2.13.0", "pass"), ("2.13.0+cu130", "pass"), ("2.12.0", "fail")])
def test_of_several_locked_versions_the_installed_one_may_be_any_that_can_apply(version, outcome, project, install):
    """Locks of extras that exclude each other hold one package twice (uv's `conflicts`)."""
    edge = (
        '{ name = "theta", version = "%s", source = { registry = "%s" }, marker = "extra %s \'extra-8-my-model-gpu\'" }'
    )
    both = ",\n    ".join(
        (
            edge % ("2.13.0", "https://index.example.org/simple", "!="),
            edge % ("2.13.0+cu130", "https://gpu.example.org", "=="),
        )
    )
    project("uv.lock", FORKED.replace('{ name = "theta" }', both, 1))
    install(theta=version)

    assert outcome == support.verdict(CHECK).outcome


def test_a_member_of_a_workspace_that_is_installed_alone_is_judged_alone(project, site):
    """`uv sync --package one` leaves out what only `two` needs; a missing dependency of `one` counts."""
    member = '[[package]]\nname = "{0}"\nversion = "1"\nsource = {{ editable = "{0}" }}\n'
    member += 'dependencies = [{{ name = "{1}" }}]\n'
    kit = '[[package]]\nname = "{0}"\nversion = "1"\nsource = {{ registry = "https://index.example.org" }}\n'
    text = 'version = 1\n[manifest]\nmembers = ["one", "two"]\n'
    text += member.format("one", "alpha") + member.format("two", "beta") + kit.format("alpha") + kit.format("beta")
    project("uv.lock", text)
    site("one", "1")
    missing = support.verdict(CHECK)
    site("alpha", "1")

    assert ["uv.lock", "uv.lock alpha"] == sorted(broken(missing))
    assert "pass" == support.verdict(CHECK).outcome


def test_an_old_lock_of_poetry_says_nothing_about_missing_packages(project, install):
    """Before 2.1 the format has no groups: versions are compared, absence is not."""
    old = (SAMPLES / "poetry.lock").read_text().replace('lock-version = "2.1"', 'lock-version = "2.0"')
    project(
        "poetry.lock",
        "".join(line for line in old.splitlines(keepends=True) if not line.startswith(("groups", "markers"))),
    )
    install(iota=None, theta="1.0")

    assert ["poetry.lock", "poetry.lock theta"] == sorted(broken(support.verdict(CHECK)))


@pytest.mark.parametrize("python", support.older_pythons())
def test_every_python_reads_every_format(python, project, tmp_path):
    """With the standard library alone: a lock of each kind is read, and what it needs is missing."""
    for name in OF_PYPI:
        project(name)
    request, reply = tmp_path / "request.json", tmp_path / "reply.jsonl"
    request.write_text(json.dumps({"steps": [{"check": CHECK}]}))
    copy = tmp_path / "checks"
    shutil.copytree(support.ROOT / "checks", copy, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([python, "-I", "-B", copy / "__main__.py", "measure", request, reply], check=True)
    (reading,) = json.loads(reply.read_text().splitlines()[-1])["repeats"]

    assert "not installed" == reading["uv.lock theta"]["observed"]
    assert "not installed" == reading["poetry.lock theta"]["observed"]
    assert "obstacle" not in reading["conditions"]
