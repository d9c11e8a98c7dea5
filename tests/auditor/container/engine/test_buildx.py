import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest
import specifications

from auditor.container.engine import build as builds
from auditor.container.engine import buildx as plugin
from auditor.container.engine import checked_wheels, trees
from auditor.container.engine import client as clients
from auditor.errors import EngineError

pytestmark = [pytest.mark.engine, pytest.mark.slow]


@pytest.fixture(autouse=True)
def _plugin(buildx, monkeypatch):
    """The plugin beside the `docker` command."""
    monkeypatch.setenv("DOCKER_CONFIG", buildx)
    monkeypatch.delenv("DOCKER_BUILDKIT", raising=False)


@pytest.fixture
def newer(containerd_engine, engine, monkeypatch):
    """An engine whose images are in containerd's store, with the base image in it, for the test."""
    monkeypatch.setenv("DOCKER_HOST", containerd_engine)
    client = clients.connect()
    client.images.pull(engine.base)
    yield replace(engine, client=client)
    client.close()


def build(newer, folder, name, **options):
    """Build without a network, unless the test says otherwise."""
    return builds.build(newer.client, folder, name, **{"network": "none", **options})


@pytest.mark.exhaustive
def test_an_environment_is_built_twice_alike(newer, image_name, tmp_path):
    """The same specification and wheels give the same files through BuildKit, and the result says that it was that."""
    folder = specifications.environment(tmp_path / "spec", newer.base)
    wheels = checked_wheels.checked(tmp_path / "made", folder / "requirements.lock")
    made = [
        build(newer, folder, f"{image_name}-{number}", wheels=wheels, buildargs={"PIP_NO_INDEX": "1"})
        for number in (1, 2)
    ]
    known = {}
    first, second = (trees.tree(newer.client, item.image, known) for item in made)

    assert [] == trees.differences(first, second)
    assert made[0].image == made[1].image
    assert {float(specifications.EPOCH_SECONDS)} >= {first[path].mtime for path in ("opt", "opt/audited")}
    assert [f"docker buildx {plugin.version(newer.client)}"] * 2 == [item.builder for item in made]
    assert [path for path in first if path.endswith("site-packages/tiny_thing.py")]
    assert made[0].image == newer.client.images.get(f"{image_name}-1").id


def test_labels_arguments_and_the_log_arrive(newer, image_name, tmp_path):
    """What is asked of the builder is what the image has; credentials are in neither log nor progress."""
    steps = ("ARG PIP_INDEX_URL", "ARG WORD", "RUN echo asked $PIP_INDEX_URL for $WORD; ls /sys/class/net")
    folder = specifications.plain(tmp_path / "spec", newer.base, *steps)
    seen = []
    arguments = {"PIP_INDEX_URL": "https://someone:hunter2secret@index.example/simple", "WORD": "x"}
    build(
        newer, folder, image_name, buildargs=arguments, labels={"a.b": "c d"}, log=folder / "log", progress=seen.append
    )
    log = (folder / "log").read_text()

    assert "c d" == newer.client.images.get(image_name).labels["a.b"]
    assert "asked https://<redacted>@index.example/simple for x" in log
    assert "hunter2" not in log
    assert seen == log.splitlines()
    assert [] == [line for line in seen if "eth" in line]


def test_a_failed_step_is_named(newer, image_name, tmp_path):
    """As with the classic builder: the step, its words, exit code and the log."""
    folder = specifications.plain(tmp_path / "spec", newer.base, "RUN echo the very reason; exit 7")

    with pytest.raises(EngineError, match="the build failed") as raised:
        build(newer, folder, image_name, log=folder / "log")

    assert "exit 7" in raised.value.message
    assert "the very reason" in raised.value.hint


def test_a_base_that_cannot_be_pulled_is_named(newer, image_name, tmp_path):
    """Told apart from a step that fails."""
    with pytest.raises(EngineError, match="base image cannot be pulled"):
        build(newer, specifications.plain(tmp_path / "spec", f"{newer.registry}/nothing-there:1"), image_name)


def test_a_full_disk_in_a_step_is_named(newer, image_name, tmp_path):
    """A step that fills a small file system of its own fails with the system's words, which are recognised."""
    folder = specifications.plain(tmp_path / "spec", newer.base, "RUN cat /dev/zero > /dev/shm/much")

    with pytest.raises(EngineError, match="out of disk"):
        build(newer, folder, image_name)


INTERRUPTED = """
import sys
from pathlib import Path
from auditor.container.engine import build, client
show = lambda line: print(line, flush=True)
build.build(client.connect(), Path(sys.argv[1]), sys.argv[2], network="none", progress=show)
"""


def test_an_interrupt_ends_the_build(newer, image_name, tmp_path):
    """After Ctrl-C neither the command nor the step runs on."""
    folder = specifications.plain(tmp_path / "spec", newer.base, "RUN echo begun; sleep 765")
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(folder), image_name],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    watch = threading.Timer(60, process.kill)
    watch.start()
    for line in process.stdout:
        if line.strip().endswith(" begun"):
            break
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    watch.cancel()
    end = time.monotonic() + 20
    while _runs("sleep 765") and time.monotonic() < end:
        time.sleep(0.2)

    assert "KeyboardInterrupt" in errors
    assert not _runs("sleep 765")


def _runs(words):
    """Whether a process of this machine has this command line."""
    return words in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout


def test_the_classic_builder_can_be_asked_for(newer, monkeypatch):
    """By the variable that `docker` itself knows."""
    assert plugin.version(newer.client)

    monkeypatch.setenv("DOCKER_BUILDKIT", "0")

    assert "" == plugin.version(newer.client)


def test_an_engine_that_cannot_rewrite_times_is_built_with_as_it_can(engine):
    """Without containerd's image store the plugin's images would differ: the classic builder it is."""
    if plugin.CONTAINERD_STORE in str(engine.client.info().get("DriverStatus")):
        pytest.skip("the engine of this machine keeps its images in containerd's store")

    assert "" == plugin.version(engine.client)
