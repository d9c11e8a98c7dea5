import json

import pytest
import specifications
from click.testing import CliRunner

from auditor import cli

pytestmark = pytest.mark.engine


@pytest.fixture(autouse=True)
def _classic(monkeypatch):
    """The classic builder, also where buildx is installed."""
    monkeypatch.setenv("DOCKER_BUILDKIT", "0")


def run(capsys, *words):
    """Exit code, stdout and stderr of `auditor container build`."""
    code = cli.run(["container", "build", *map(str, words)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.slow
@pytest.mark.exhaustive
def test_a_wheelhouse_builds_without_a_network_twice_alike(engine, image_name, tmp_path, capsys):
    """Exit 0, the equal paths and layers counted, the log kept, the specification otherwise as it was."""
    folder = specifications.environment(tmp_path / "spec", engine.base)
    before = {path.name for path in folder.rglob("*")}
    code, out, err = run(
        capsys,
        folder,
        "-t",
        image_name,
        "--twice",
        "--wheelhouse",
        tmp_path / "made",
        "--json",
        "--log",
        tmp_path / "log",
    )
    result = json.loads(out)

    assert (0, []) == (code, result["twice"]["differences"]), err
    assert result["twice"]["files"] > 5000
    assert 3 == result["twice"]["layers"]
    assert 2 == result["twice"]["equal_layers"]  # COPY gives /opt the build's time in its layer; the last step mends it
    assert result["image"] == engine.client.images.get(image_name).id
    assert "Successfully installed tiny-thing-1.0" in (tmp_path / "log").read_text()
    assert "classic builder" in result["builder"]
    assert before == {path.name for path in folder.rglob("*")}


def test_two_builds_that_differ_exit_1_and_name_the_files(engine, image_name, tmp_path, capsys):
    """At most twenty are shown and the rest counted; the second image is gone, the first stays."""
    steps = ("RUN for n in $(seq 30); do date +%s.%N > /srv/$n; done; touch --date=@1 /srv",)
    folder = specifications.plain(tmp_path / "audit" / "specs", engine.base, *steps)
    code, out, err = run(capsys, folder.parent, "-t", image_name, "--twice", "--network", "none")

    assert 1 == code, err
    assert "30 of" in out
    assert "  srv/1: content: " in out
    assert "and 10 more" in out
    assert 20 == out.count("  srv/")
    assert [] == [
        tag for image in engine.client.images.list() for tag in image.tags if tag.startswith("auditor-twice-")
    ]
    assert engine.client.images.get(image_name)
    assert "Step 2/2" in err
    assert (folder / "build.log").is_file()
    assert (folder / "build.log.second").is_file()


def test_a_failed_build_exits_5(engine, image_name, tmp_path, capsys):
    """One message, with the step and where the log is."""
    folder = specifications.plain(tmp_path / "spec", engine.base, "RUN exit 3")
    code, out, err = run(capsys, folder, "-t", image_name, "-q", "--network", "none")

    assert (5, "") == (code, out)
    assert err.startswith("auditor: the build failed at 'Step 2/2 : RUN exit 3'")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--wheelhouse", "."], "there is no requirements.lock"),
        (["--build-arg", "NOT_IN_THE_ENVIRONMENT"], "the environment has no such variable"),
        (["-t", "--rm"], "not an image name"),
        (["--network", "bridge"], "Invalid value"),
    ],
)
def test_what_cannot_be_asked_exits_2(engine, tmp_path, capsys, words, said):
    """Usage errors come before anything is built."""
    folder = specifications.plain(tmp_path / "spec", engine.base)
    code, out, err = run(capsys, folder, *words)

    assert (2, "") == (code, out)
    assert said in err


def test_a_wheelhouse_and_a_network_exclude_each_other(engine, tmp_path, capsys):
    """An air-gapped build that could reach out would be none."""
    folder = specifications.environment(tmp_path / "spec", engine.base)
    code, _, err = run(capsys, folder, "--wheelhouse", tmp_path / "made", "--network", "host")

    assert 2 == code
    assert "without a network" in err


def test_a_folder_without_a_dockerfile_exits_2(tmp_path, capsys):
    """Nothing to build is a usage error, which needs no engine."""
    code, _, err = run(capsys, tmp_path)

    assert 2 == code
    assert "no Dockerfile" in err


def test_a_refused_wheelhouse_builds_nothing(engine, image_name, tmp_path, capsys):
    """Exit 5 before the engine is asked for anything."""
    folder = specifications.environment(tmp_path / "spec", engine.base)
    specifications.wheel(tmp_path / "made", "stranger", "3")
    code, _, err = run(capsys, folder, "-t", image_name, "--wheelhouse", tmp_path / "made")

    assert 5 == code
    assert "stranger is not in requirements.lock" in err
    assert not (folder / "build.log").exists()


def test_credentials_of_a_build_argument_are_not_shown(engine, image_name, tmp_path, capsys, monkeypatch):
    """From the environment by name, so that they are on no command line either."""
    monkeypatch.setenv("PIP_INDEX_URL", "https://someone:hunter2secret@index.example/simple")
    folder = specifications.plain(tmp_path / "spec", engine.base, "ARG PIP_INDEX_URL", "RUN echo asked $PIP_INDEX_URL")
    code, out, err = run(capsys, folder, "-t", image_name, "--network", "none", "--build-arg", "PIP_INDEX_URL")

    assert 0 == code, err
    assert "asked https://<redacted>@index.example/simple" in err
    assert "hunter2" not in out + err + (folder / "build.log").read_text()


def test_help_needs_no_engine(monkeypatch):
    """The help of the subcommand is there where docker is not."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent")
    answer = CliRunner().invoke(cli.group, ["container", "build", "--help"])

    assert 0 == answer.exit_code
    assert "--twice" in answer.output
