import hashlib
import os

import pytest
import specifications

from auditor.container.engine import checked_wheels, context
from auditor.errors import OutputError, UsageError


@pytest.fixture
def house(tmp_path):
    """A folder of two wheels and the lock of both."""
    folder = tmp_path / "house"
    wheels = [specifications.wheel(folder), specifications.wheel(folder, "Other.Thing", "2.0")]
    return folder, specifications.lock(tmp_path / "requirements.lock", *wheels)


def refused(folder, lock):
    """Why a wheelhouse is refused."""
    with pytest.raises(OutputError, match="refused") as raised:
        checked_wheels.checked(folder, lock)
    return raised.value.message


def test_a_complete_wheelhouse_is_accepted(house):
    """Every wheel has a digest that the lock lists, whatever the spelling of its name; README is no wheel."""
    folder, lock = house
    (folder / "README").write_text("x")

    found = checked_wheels.checked(folder, lock)

    assert ["other-thing", "tiny-thing"] == sorted(wheel.name for wheel in found)
    assert {hashlib.sha256(wheel.path.read_bytes()).hexdigest() for wheel in found} == {wheel.sha256 for wheel in found}


def test_a_wheel_of_another_digest_is_refused(house):
    """One changed byte, and the wheel is named with the digest that it has."""
    folder, lock = house
    target = folder / specifications.WHEEL
    target.write_bytes(target.read_bytes() + b"x")

    assert f"{target.name} has sha256 {hashlib.sha256(target.read_bytes()).hexdigest()}" in refused(folder, lock)


def test_a_digest_counts_for_its_own_name_only(house, tmp_path):
    """The locked digest of another distribution does not let a file in under this name."""
    folder, _ = house
    wheels = [folder / specifications.WHEEL, folder / "Other.Thing-2.0-py3-none-any.whl"]
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in wheels]
    swapped = {"tiny_thing": digests[1], "Other.Thing": digests[0]}
    lock = specifications.lock(tmp_path / "swapped.lock", *wheels, hashes=swapped)

    assert 2 == refused(folder, lock).count("does not list")


def test_missing_and_unlisted_wheels_are_named_together(house):
    """What is locked and not there, and what is there and not locked."""
    folder, lock = house
    (folder / specifications.WHEEL).unlink()
    specifications.wheel(folder, "stranger", "3")
    (folder / "notes.txt").write_text("x")
    message = refused(folder, lock)

    assert "tiny-thing is locked, but the folder has no file of it" in message
    assert "stranger-3-py3-none-any.whl: stranger is not in requirements.lock" in message
    assert "notes.txt is not named like a wheel" in message


def test_links_that_leave_the_folder_are_refused(house, tmp_path):
    """A link to a wheel elsewhere is none of this folder; one that stays inside is fine."""
    folder, lock = house
    target = folder / specifications.WHEEL
    elsewhere = tmp_path / "elsewhere.whl"
    target.rename(elsewhere)
    target.symlink_to(elsewhere)

    assert "is a link that leaves the folder" in refused(folder, lock)

    target.unlink()
    target.symlink_to("nowhere")

    assert "cannot be read" in refused(folder, lock)

    target.unlink()
    target.mkdir()

    assert "not a regular file" in refused(folder, lock)


@pytest.mark.parametrize(
    "name",
    [
        "../tiny_thing-1.0-py3-none-any.whl",
        "/tiny_thing-1.0-py3-none-any.whl",
        "..-1.0-py3-none-any.whl",
        "-r-1.0-py3-none-any.whl",
        "tiny_thing-1.0-py3-none-any.whl\n",
        "tiny thing-1.0-py3-none-any.whl",
        "tiny\u202ething-1.0-py3-none-any.whl",
        "$(id)-1.0-py3-none-any.whl",
        "tiny_thing.whl",
        "a\\b-1.0-py3-none-any.whl",
    ],
)
def test_names_that_are_none_of_a_wheel_are_refused(name):
    """Neither paths nor options nor what a shell or terminal would take for something else."""
    with pytest.raises(ValueError, match=r".*"):
        checked_wheels.distribution_of(name)


def test_hostile_names_on_disk_are_shown_inert(house):
    """A file's name cannot move the cursor of whoever reads why it was refused."""
    folder, lock = house
    (folder / "evil\x1b[2J\u202e.whl").write_text("x")

    assert "evil\\x1b[2J\\u202e.whl" in refused(folder, lock)


def test_source_distributions_count_by_their_name(tmp_path):
    """What has no wheel can be in the lock as a source distribution."""
    house = tmp_path / "house"
    house.mkdir()
    (house / "old_thing-0.1.tar.gz").write_bytes(b"x")
    lock = tmp_path / "requirements.lock"
    lock.write_text(f"old-thing==0.1 --hash=sha256:{hashlib.sha256(b'x').hexdigest()}\n")

    assert ["old-thing"] == [wheel.name for wheel in checked_wheels.checked(house, lock)]


def test_a_lock_is_needed_and_must_hold(house, tmp_path):
    """Without a lock, or with a line that has no digest, nothing can be checked."""
    folder, lock = house
    with pytest.raises(UsageError, match="no requirements"):
        checked_wheels.checked(folder, tmp_path / "requirements.nowhere")
    for text in ("tiny-thing==1.0\n", "tiny-thing==1.0 --hash=md5:00\n", "tiny-thing==1.0 --hash=sha256:00\n"):
        lock.write_text(text)
        with pytest.raises(UsageError, match="no sha256 for tiny-thing"):
            checked_wheels.checked(folder, lock)
    lock.write_text("tiny thing --hash=sha256:" + "0" * 64)
    with pytest.raises(UsageError, match="is not a requirement"):
        checked_wheels.checked(folder, lock)


def test_options_comments_and_several_digests_of_a_lock_are_read():
    """What pip reads in such a file, this reads alike."""
    text = (
        "--index-url https://index.example/simple\n# comment\n"
        f"a==1 \\\n    --hash=sha256:{'1' * 64} \\\n    --hash=sha256:{'2' * 64}  # both\n"
        f"B.c==2+cu130 ; python_version >= '3.9' \\\r\n    --hash=sha256:{'3' * 64}\n"
    )

    assert {"a": {"1" * 64, "2" * 64}, "b-c": {"3" * 64}} == checked_wheels.locked_hashes(text)


def test_a_wheel_that_changes_after_the_check_is_not_sent(house, tmp_path):
    """The bytes that go into the context are digested again."""
    folder, lock = house
    spec = specifications.plain(tmp_path / "spec", "base")
    wheels = checked_wheels.checked(folder, lock)
    for change in (lambda data: data[:-1] + b"x", lambda data: data[:-1]):
        target = folder / specifications.WHEEL
        before = target.read_bytes()
        target.write_bytes(change(before))
        with pytest.raises(OutputError, match="changed after it was checked"), context.packed(spec, wheels, None):
            pass
        target.write_bytes(before)


def test_only_checked_wheels_are_in_the_context(house, tmp_path):
    """What lies in the specification's wheels/ is left out when a wheelhouse is given."""
    import tarfile

    folder, lock = house
    spec = specifications.plain(tmp_path / "spec", "base")
    specifications.wheel(spec / "wheels", "stranger", "3")
    (spec / "wheels" / "README").write_text("x")
    os.utime(spec / "Dockerfile", (1, 1))
    with (
        context.packed(spec, checked_wheels.checked(folder, lock), None) as handle,
        tarfile.open(fileobj=handle) as archive,
    ):
        names = [name for name in archive.getnames() if name.startswith("wheels/")]

    assert ["wheels/Other.Thing-2.0-py3-none-any.whl", "wheels/README", f"wheels/{specifications.WHEEL}"] == sorted(
        names
    )
