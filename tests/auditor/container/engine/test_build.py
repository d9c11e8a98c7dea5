import contextlib
import errno
import os
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import docker
import docker.errors
import engine_support
import pytest
import specifications

from auditor.container.engine import build as builds
from auditor.container.engine import checked_wheels, context, trees
from auditor.container.engine import client as clients
from auditor.container.engine.journal import Journal
from auditor.container.engine.layers import read_layer
from auditor.errors import EngineError, UsageError

pytestmark = pytest.mark.engine
TOUCHED = f"touch --date=@{specifications.EPOCH_SECONDS}"


@pytest.fixture(autouse=True)
def _classic(monkeypatch):
    """The classic builder, also where buildx is installed; tests that want the other say so."""
    monkeypatch.setenv("DOCKER_BUILDKIT", "0")


def build(engine, folder, name, **options):
    """Build without a network, unless the test says otherwise."""
    return builds.build(engine.client, folder, name, **{"network": "none", **options})


def compared(engine, folder, name, **options):
    """What differs between two builds without cache."""
    known = {}
    found = [
        trees.tree(engine.client, build(engine, folder, f"{name}-{number}", **options).image, known)
        for number in (1, 2)
    ]
    return trees.differences(*found)


@pytest.mark.exhaustive
def test_an_environment_is_built_twice_alike_from_checked_wheels(engine, image_name, tmp_path):
    """The same specification and wheels give the same files, modes, owners and times; the folder stays as it was."""
    folder = specifications.environment(tmp_path / "spec", engine.base)
    before = sorted(folder.rglob("*"))
    wheels = checked_wheels.checked(tmp_path / "made", folder / "requirements.lock")
    options = {"wheels": wheels, "buildargs": {"PIP_NO_INDEX": "1"}}

    assert [] == compared(engine, folder, image_name, **options)
    assert before == sorted(folder.rglob("*"))
    files = trees.tree(engine.client, f"{image_name}-1")
    installed = [path for path in files if path.endswith("site-packages/tiny_thing.py")]
    assert 1 == len(installed)
    assert specifications.EPOCH_SECONDS == files[installed[0]].mtime
    assert not [path for path in files if path.startswith("opt/audited") and path.endswith(".pyc")]


def test_a_date_that_sneaks_in_is_named(engine, image_name, tmp_path):
    """A step that writes the time differs in content, and its file stands first; what is alike is not named."""
    steps = ("RUN date +%s.%N > /etc/stamp", f"RUN {TOUCHED} /etc/stamp /etc; touch /srv/now; {TOUCHED} /srv")
    found = compared(engine, specifications.plain(tmp_path / "spec", engine.base, *steps), image_name)

    assert ("etc/stamp", ("content",)) == (found[0].path, found[0].aspects)
    assert "sha256" in found[0].text
    assert ("srv/now", ("mtime",)) == (found[1].path, found[1].aspects)
    assert 2 == len(found)


def test_removed_files_are_not_in_the_tree(engine, image_name, tmp_path):
    """What a later layer removes, empties or replaces is not there, and what only looks like it is."""
    steps = (
        "RUN mkdir -p /srv/a/deep /srv/b && touch /srv/a/deep/x /srv/b/old /srv/ab && mkdir /srv/c && touch /srv/c/z",
        "RUN rm -r /srv/a /srv/c && rm -r /srv/b && mkdir /srv/b && touch /srv/b/new && ln -s ab /srv/c",
    )
    made = build(engine, specifications.plain(tmp_path / "spec", engine.base, *steps), image_name)
    files = trees.tree(engine.client, made.image)

    assert ["srv", "srv/ab", "srv/b", "srv/b/new", "srv/c"] == sorted(path for path in files if path.startswith("srv"))
    assert ("symlink", "ab") == (files["srv/c"].kind, files["srv/c"].link)


def test_the_tree_of_an_image_is_what_its_container_sees(engine, image_name, tmp_path):
    """Every file that `docker export` of a container gives, with its digest: there the engine merged the layers."""
    steps = ("RUN rm -r /usr/share/doc && setcap cap_net_raw+ep /usr/bin/true || true; ln /etc/passwd /etc/twin",)
    made = build(engine, specifications.plain(tmp_path / "spec", engine.base, *steps), image_name)
    container = engine.client.containers.create(made.image, "true")
    try:
        seen = read_layer(trees._Reader(container.export())).entries
    finally:
        container.remove()
    files = trees.tree(engine.client, made.image)
    runtime = {
        "dev",
        "etc/hosts",
        "etc/hostname",
        "etc/resolv.conf",
        "etc/mtab",
        ".dockerenv",
        "dev/console",
        "dev/pts",
    }
    runtime |= {"dev/shm", "proc", "sys", "", "etc"}
    found = [item for item in trees.differences(files, seen) if item.path not in runtime]

    assert {path for path in files if path.startswith("usr/share/doc/")} == set()
    assert [] == [item for item in found if {"content", "only", "kind", "mode", "owner"} & {*item.aspects}]
    assert len(files) > 5000


def test_shared_layers_are_counted_and_read_once(engine, image_name, tmp_path):
    """Two images on one base share its layer, which the second reading passes over."""
    images = [
        build(
            engine,
            specifications.plain(tmp_path / word, engine.base, f"RUN echo {word} > /srv/x"),
            f"{image_name}-{word}",
        )
        for word in ("a", "b")
    ]
    known = {}
    trees.tree(engine.client, images[0].image, known)
    before = set(known)
    trees.tree(engine.client, images[1].image, known)

    assert (1, 2) == trees.shared_layers(engine.client, images[0].image, images[1].image)
    assert 1 == len(set(known) - before)


def test_settings_that_differ_are_named(engine, image_name, tmp_path):
    """Equal files under another environment are not the same image."""
    images = [
        build(
            engine, specifications.plain(tmp_path / word, engine.base, f"ENV WORD={word}"), f"{image_name}-{word}"
        ).image
        for word in ("a", "b")
    ]

    assert ["(settings) Env"] == [item.path for item in trees.settings_differences(engine.client, *images)]
    assert [] == trees.settings_differences(engine.client, images[0], images[0])


def test_a_failed_step_is_named_with_its_last_words(engine, image_name, tmp_path):
    """The error holds the step and what it printed, the log all of it, and no image is left."""
    steps = ("RUN echo fine", "RUN echo the very reason >&2; exit 7", "RUN echo never")
    folder = specifications.plain(tmp_path / "spec", engine.base, *steps)
    seen = []

    with pytest.raises(EngineError) as raised:
        build(engine, folder, image_name, log=folder / "build.log", progress=seen.append)

    assert "Step 3/4 : RUN echo the very reason" in raised.value.message
    assert "code: 7" in raised.value.message
    assert "the very reason" in raised.value.hint
    assert str(folder / "build.log") in raised.value.hint
    assert seen == (folder / "build.log").read_text().splitlines()
    assert not any("never" in line and "Step 4" in line for line in seen)
    assert [] == [image for image in engine.client.images.list() for tag in image.tags if tag.startswith(image_name)]


def made_by(engine, text):
    """The images in whose making this text stands: other builds may run in the same engine meanwhile."""
    found = []
    for image in engine.client.images.list(all=True):
        with contextlib.suppress(docker.errors.ImageNotFound):
            found += [image.id for step in image.history()[:1] if text in step["CreatedBy"]]
    return found


def test_images_of_other_stages_are_removed_and_named_ones_stay(engine, image_name, tmp_path):
    """A build leaves its last stage's image alone; with cache it removes none; images that were there stay."""
    steps = (f"RUN echo {image_name} > /srv/x", f"FROM {engine.base}", "COPY --from=build /srv/x /srv/x")
    folder = specifications.plain(tmp_path / "spec", f"{engine.base} AS build", *steps)
    made = build(engine, folder, image_name)

    assert [] == made_by(engine, image_name)
    assert made.image == engine.client.images.get(image_name).id
    assert engine.client.images.get(engine.base)

    build(engine, folder, image_name, cache=True)

    assert 1 == len(made_by(engine, image_name))

    build(engine, folder, image_name)

    assert 1 == len(made_by(engine, image_name))
    engine.client.images.remove(made_by(engine, image_name)[0])


@pytest.mark.parametrize("name", ["{registry}/nothing-there:1", "127.0.0.1:1/x:1"])
def test_a_base_that_cannot_be_pulled_is_named(engine, image_name, tmp_path, name):
    """An image that no registry has is told apart from a step that fails."""
    name = name.format(registry=engine.registry)

    with pytest.raises(EngineError, match="base image cannot be pulled") as raised:
        build(engine, specifications.plain(tmp_path / "spec", name), image_name)

    assert name in raised.value.message


def test_a_dockerfile_that_is_none_is_refused(engine, image_name, tmp_path):
    """The engine's own words about a wrong line are passed on."""
    with pytest.raises(EngineError, match="unknown instruction"):
        build(engine, specifications.plain(tmp_path / "spec", engine.base, "MAKE me"), image_name)


def test_network_none_has_none_and_host_has_the_hosts(engine, image_name, tmp_path):
    """A step sees only the loopback device under none, and this machine's devices under host."""
    folder = specifications.plain(tmp_path / "spec", engine.base, "RUN echo devices $(ls /sys/class/net) end")
    seen = {}
    for network in ("none", "host"):
        lines = []
        build(engine, folder, f"{image_name}-{network}", network=network, progress=lines.append)
        seen[network] = next(line for line in lines if line.startswith("devices")).split()[1:-1]

    assert ["lo"] == seen["none"]
    assert sorted(path.name for path in Path("/sys/class/net").iterdir()) == sorted(seen["host"])


def test_credentials_of_build_arguments_are_nowhere(engine, image_name, tmp_path):
    """A step that prints its index address, and one that fails with it, show neither user nor password."""
    address = "https://someone:hunter2secret@index.example/simple"
    steps = (
        "ARG PIP_INDEX_URL",
        "RUN echo $PIP_INDEX_URL; echo hunter2secret; echo someone:hunter2secret",
        "RUN false $PIP_INDEX_URL",
    )
    folder = specifications.plain(tmp_path / "spec", engine.base, *steps)
    seen = []

    with pytest.raises(EngineError) as raised:
        build(
            engine,
            folder,
            image_name,
            buildargs={"PIP_INDEX_URL": address},
            log=folder / "build.log",
            progress=seen.append,
        )

    everything = "\n".join([*seen, (folder / "build.log").read_text(), raised.value.message, raised.value.hint])
    assert "index.example/simple" in everything
    assert "hunter2" not in everything
    assert "someone" not in everything


def test_a_context_is_the_same_bytes_wherever_it_lies(tmp_path):
    """Times, modes and owners of the checkout do not reach the engine where the Dockerfile sets an epoch."""
    sent = []
    for number in (1, 2):
        folder = specifications.environment(tmp_path / str(number) / "spec", "base@sha256:" + "0" * 64)
        (folder / "run").write_text("x")
        (folder / "run").chmod(0o700 if number == 1 else 0o755)
        (folder / "build.log").write_text(str(number))
        os.utime(folder / "Dockerfile", (number, number))
        assert specifications.EPOCH_SECONDS == context.source_date_epoch(folder)
        with context.packed(folder, None, context.source_date_epoch(folder)) as handle:
            sent.append(handle.read())

    assert sent[0] == sent[1]


def test_dockerignore_is_heeded(tmp_path):
    """What the user leaves out of the context is not sent."""
    folder = specifications.plain(tmp_path / "spec", "base")
    (folder / "secret.key").write_text("x")
    (folder / ".dockerignore").write_text("# keys\n*.key\n")
    with context.packed(folder, None, None) as handle, tarfile.open(fileobj=handle) as archive:
        names = archive.getnames()

    assert [".dockerignore", "Dockerfile"] == sorted(names)


@pytest.mark.parametrize("name", ["--rm", "UPPER", "a b", "", "a:b:c", "../x", "a@sha256:00", "x\n", "x" * 300])
def test_what_is_no_name_of_an_image_is_refused(engine, tmp_path, name):
    """A name reaches no engine and no command line unless it is one."""
    with pytest.raises(UsageError, match="not an image name"):
        build(engine, specifications.plain(tmp_path / "spec", engine.base), name)


INTERRUPTED = """
import sys
from pathlib import Path
from auditor.container.engine import build, client
show = lambda line: print(line, flush=True)
build.build(client.connect(), Path(sys.argv[1]), sys.argv[2], network="none", progress=show)
"""


def test_an_interrupt_ends_the_build_and_removes_nothing_else(engine, image_name, tmp_path):
    """After Ctrl-C no container of the build runs on, no image is made, and every earlier image is there."""
    folder = specifications.plain(tmp_path / "spec", engine.base, f"RUN echo {image_name}", "RUN echo begun; sleep 567")
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(folder), image_name],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    for line in process.stdout:
        if line.strip() == "begun":
            break
    process.send_signal(signal.SIGINT)
    told, errors = process.communicate(timeout=120)

    assert "KeyboardInterrupt" in errors
    assert "EngineError" not in errors
    assert _ends(lambda: "sleep 567" in _commands_of(engine))
    assert ([], "") == (made_by(engine, image_name), told)
    assert engine.base == clients.digest_of(engine.client, engine.base_tag)
    assert engine.client.images.get(engine.base)


def _commands_of(engine):
    """The commands of all containers that run."""
    return " ".join(" ".join(item.attrs["Config"]["Cmd"] or []) for item in engine.client.containers.list())


def _ends(still, seconds=20):
    end = time.monotonic() + seconds
    while still() and time.monotonic() < end:
        time.sleep(0.2)
    return not still()


def test_a_full_disk_of_the_engine_is_named(engine, tmp_path, monkeypatch):
    """A daemon whose disk is a small one: told before where it can be known, and by its own words where it fills up."""
    small = _made(tmp_path)
    command = ["mount", "-t", "tmpfs", "-o", "size=420m", "none", str(small)]
    if os.geteuid() or subprocess.run(command, check=False).returncode:
        pytest.skip("a small file system can be mounted by root alone")
    try:
        with engine_support.dockerd(small) as address:
            monkeypatch.setenv("DOCKER_HOST", address)
            client = clients.connect()
            folder = specifications.plain(tmp_path / "spec", engine.base, "RUN head -c 500M /dev/zero > /srv/much")
            with pytest.raises(EngineError, match="out of disk while building") as filled:
                builds.build(client, folder, "auditor-test-full", network="none")
            with (folder / "large").open("wb") as handle:
                handle.truncate(1 << 30)
            with pytest.raises(EngineError, match="out of disk while checking the free space") as foreseen:
                builds.build(client, folder, "auditor-test-full", network="none")
            client.close()
    finally:
        subprocess.run(["umount", "--lazy", str(small)], check=True)

    assert "Step 2/2 : RUN head" in filled.value.message
    assert "docker system df" in filled.value.hint
    assert "MiB free" in foreseen.value.message


def _made(tmp_path):
    (tmp_path / "small").mkdir()
    return tmp_path / "small"


def test_a_full_temporary_folder_is_named(tmp_path, monkeypatch):
    """The context is packed there before anything is sent."""
    folder = specifications.plain(tmp_path / "spec", "base")

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(context, "_add", full)
    with pytest.raises(EngineError, match="out of disk while packing"), context.packed(folder, None, None):
        pass


def test_what_a_builder_prints_cannot_move_the_cursor():
    """Escapes and carriage returns of a build's output are shown, not obeyed."""
    seen = []
    journal = Journal(None, seen.append, {}, "")
    journal.write("a\x1b[2Jb\u202e\r\nhalf")
    journal.write(" line\n")

    assert ["a\\x1b[2Jb\\u202e", "half line"] == seen
