from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
import stat
import string
import time

import pytest
import samples
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from auditor.audit import assemble
from auditor.audit.named_subjects import digests
from auditor.audit.record import AuditRecord
from auditor.audit.run import Audit, Options
from auditor.catalogue.catalogue import Catalogue
from auditor.manifest.models import Digest, Predicate, Subject
from auditor.manifest.subjects import statement
from auditor.privacy import identities, token_key
from auditor.privacy.identities import of_this_machine
from auditor.privacy.identity_shapes import TOKEN
from auditor.privacy.modes import Privacy
from auditor.privacy.secrets import redact

KEY = bytes(range(32))
ENVIRONMENT = {
    "HOME": "/home/zelda.q",
    "USER": "zelda.q",
    "HOSTNAME": "hyrule7.castle.edu",
    "SLURM_NODELIST": "goron[01-04]",
    "BOARD_SERIAL": "SN88431-XY",
    "SLURM_JOB_ID": "4711",
    "PBS_JOBID": "815.hyrule7.castle.edu",
}
PLANTED = {
    "host": "hyrule7",
    "host with its domain": "hyrule7.castle.edu",
    "host in capitals": "HYRULE7",
    "nodes of a job": "goron[01-04]",
    "user": "zelda.q",
    "somebody else's home": "/home/impa",
    "home on a server": "/nfs/homes/impa",
    "UUID": "8c2f3a10-1b2c-4d3e-8f90-a1b2c3d4e5f6",
    "UUID of a GPU": "GPU-8c2f3a10-1b2c-4d3e-8f90-a1b2c3d4e5f6",
    "beginning of a GPU's UUID": "GPU-8c2f3a10",
    "MAC": "3c:7c:3f:4b:5a:69",
    "MAC with hyphens": "3C-7C-3F-4B-5A-69",
    "GUID of InfiniBand": "0c42:a103:0065:8f2a",
    "GUID of another maker": "506b:4b03:00b1:2c3d",
    "GID of a port": "fe80:0000:0000:0000:506b:4b03:00b1:2c3d",
    "GID of a routed port": "2001:0db8:0000:0001:506b:4b03:00b1:2c3d",
    "hardware address of InfiniBand": "00:00:10:29:fe:80:00:00:00:00:00:00:50:6b:4b:03:00:b1:2c:3d",
    "UUID of a part of a GPU": "MIG-8c2f3a10-1b2c-4d3e-8f90-a1b2c3d4e5f6",
    "UUID of a part, as it was": "MIG-GPU-8c2f3a10-1b2c-4d3e-8f90-a1b2c3d4e5f6/3/0",
    "file of a job": "slurm-4711.out",
    "folder of a job": "/var/spool/slurmd/job04711/slurm_script",
    "a job's name": "JobId=815",
    "private address": "192.168.7.31",
    "address with a port": "10.23.4.5:29500",
    "IPv6": "2001:db8:85a3::8a2e:370:7334",
    "link-local": "fe80::3e7c:3fff:fe4b:5a69",
    "serial number": "SN88431-XY",
}
"""Texts that identify, alone and in prose."""
TELLING = {
    "connect to 10.23.4.5 failed": "10.23.4.5",
    "no route (10.23.4.5), giving up": "10.23.4.5",
    "(10.23.4.5) gives up": "10.23.4.5",
    "MASTER_ADDR=10.23.4.5": "10.23.4.5",
    "tcp://10.23.4.5/x": "10.23.4.5",
    "serial number: 1422AB99": "1422AB99",
    "Node GUID: 0x506b4b0300b12c3d": "506b4b0300b12c3d",
    "[fe80::506b:4b03:b1:2c3d%ib0]:29500": "506b:4b03",
    "slurmstepd: error: *** JOB 4711 ON gerudo12 CANCELLED ***": "4711",
    "SLURM_JOB_ID=4711": "4711",
    "Serial No. 0423418003217": "0423418003217",
    "file:///home/impa/x.py": "impa",
    "-I/home/impa/include": "impa",
    "PATH=/usr/bin:/home/impa/bin": "impa",
    'File "/home/impa/train.py", line 3': "impa",
}
"""Prose, and what in it identifies by its place."""


def tokenised(document, **environment):
    return Privacy(key=KEY, environment={**ENVIRONMENT, **environment}).clean(document)


def anonymous(document):
    return Privacy("anonymous", environment=ENVIRONMENT).clean(document)


def fact(value, role="machine", **more):
    return {"state": "value", "role": role, "value": value, "source": "", "reason": "", **more}


# ------------------------------------------------------------------------------------------------------- what goes

WORDS = st.text(string.ascii_letters + " ,()", max_size=30)


def _planted(document, text):
    """A document that holds a text as a value, in prose, as a key, deep down, and among bytes."""
    hidden = base64.b64encode(b"\xff " + text.encode()).decode()
    return {"a": document, "b": [text, f"before {text} after"], text: {"c": {"d": text}}, "e": {"b64": hidden}}


def _all_text(node):
    return json.dumps(node) + base64.b64decode(node["e"]["b64"]).decode("utf-8", "replace")


@pytest.mark.parametrize("text", PLANTED.values(), ids=PLANTED)
def test_what_identifies_is_gone_wherever_it_stands(text):
    """Values, prose, keys and bytes alike; with --identify it is all there."""
    document = _planted({}, text)

    assert text.lower() not in _all_text(tokenised(document)).lower()
    assert text.lower() not in _all_text(anonymous(document)).lower()
    assert Privacy("identified").clean(document) == document


@pytest.mark.parametrize(("text", "secret"), TELLING.items())
def test_what_identifies_by_its_place_is_gone(text, secret):
    """An address after `connect to`, a serial number after its name, a folder below /home."""
    assert secret not in tokenised(text)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(WORDS, st.sampled_from(sorted(PLANTED.values())), WORDS)
def test_what_identifies_is_gone_from_any_prose(before, text, after):
    """Whatever words stand around it."""
    assert text not in tokenised(f"{before} {text} {after}")


@given(st.ip_addresses(v=6, network="fc00::/7") | st.ip_addresses(v=6, network="2000::/3"))
def test_ipv6_addresses_are_gone(address):
    """Unique local and global ones, compressed as Python writes them."""
    assert str(address) not in tokenised(f"bind {address} failed")


@given(st.uuids())
def test_uuids_are_gone(number):
    """Whatever version they are."""
    assert str(number) not in tokenised([str(number), f"MIG-{number}", f"/dev/disk/by-uuid/{number}"])[0]


def test_equal_things_stay_equal_and_different_ones_different():
    """The host has one token with and without its domain; another host and another key have another."""
    one, same, other = tokenised(["hyrule7", "hyrule7.castle.edu", "goron[01-04]"])

    assert TOKEN.fullmatch(one)
    assert one == same
    assert one != other
    assert one != Privacy(key=b"x" * 32, environment=ENVIRONMENT).clean("hyrule7")


def test_a_token_cannot_be_made_by_trying_names():
    """It is no plain digest of the name."""
    token = tokenised("hyrule7").removeprefix("host-")

    for algorithm in ("sha256", "sha1", "md5"):
        assert not hashlib.new(algorithm, b"hyrule7").hexdigest().startswith(token)


def test_this_machines_real_names_are_known():
    """The host name that the system gives goes from the fact that holds it, even where it is an ordinary word."""
    name = socket.gethostname()
    cleaned = Privacy(key=KEY).clean({"host.name": fact(name, "identity")})

    assert TOKEN.fullmatch(cleaned["host.name"]["value"])


def test_a_serial_number_is_known_by_the_name_of_its_fact():
    """No shape tells one: the fact, the field or the variable does, for text, numbers and lists."""
    document = {
        "gpu.serial": fact(["1654", 1655]),
        "gpu.devices": fact([{"model": "H200", "serial": "1656", "board_serial_number": 1657}]),
        "env": fact({"NCCL_SERIAL": "1658"}, "software"),
    }

    assert not [number for number in range(1654, 1659) if str(number) in json.dumps(tokenised(document))]


REAL_LOOKING = {
    "host.network.infiniband.identities": fact({"mlx5_0": "506b:4b03:00b1:2c3d"}, "identity"),
    "host.network.infiniband": fact(
        {"mlx5_0": {"fw_ver": "28.39.1002", "gid": "fe80:0000:0000:0000:506b:4b03:00b1:2c3d"}}
    ),
    "accelerators.nvidia.serial": fact({"0": "1654923001234", "1": None}, "identity"),
    "accelerators.nvidia.uuid": fact({"0": "GPU-8c2f3a10-1b2c-4d3e-8f90-a1b2c3d4e5f6"}, "identity"),
    "torch.devices": fact([{"name": "NVIDIA H200 MIG 1g.18gb", "uuid": "MIG-8c2f3a10-1b2c-4d3e-8f90-a1b2c3d4e5f6"}]),
    "job.id": fact({"SLURM_JOB_ID": "4711", "SLURM_ARRAY_JOB_ID": "4700", "SLURM_STEP_ID": "0"}, "identity"),
    "env.other": fact({"SLURM_JOBID": "4711", "SLURM_JOB_NUM_NODES": "2"}, "identity"),
    "host.kernel.command_line": fact("ip=[2001:db8::17] root=UUID=8c2f3a10-1b2c-4d3e-8f90-a1b2c3d4e5f6", "identity"),
    "host.product.name": fact("Dell PowerEdge, Serial Number: 7XK2Q13"),
}
"""Facts as a machine of a cluster tells them."""
IDENTIFYING = ("506b", "1654923001234", "8c2f3a10", '"4711"', "4700", "2001:db8", "7XK2Q13")


def test_facts_of_a_cluster_s_machine_identify_nobody():
    """Adapters, GPUs and their parts, jobs and addresses; counts and versions beside them stay."""
    document = REAL_LOOKING
    cleaned = tokenised(document)

    assert [word for word in IDENTIFYING if word in json.dumps(cleaned)] == []
    assert [word for word in IDENTIFYING if word in json.dumps(anonymous(document))] == []
    assert [word for word in IDENTIFYING if word not in json.dumps(document)] == []
    assert cleaned["host.network.infiniband"]["value"]["mlx5_0"]["fw_ver"] == "28.39.1002"
    assert cleaned["job.id"]["value"]["SLURM_STEP_ID"] == "0"
    assert cleaned["env.other"]["value"]["SLURM_JOB_NUM_NODES"] == "2"
    assert cleaned["job.id"]["value"]["SLURM_JOB_ID"] == cleaned["env.other"]["value"]["SLURM_JOBID"]


def test_a_short_number_of_a_job_is_a_number_elsewhere():
    """Only a word before it says that it is the job's: counts, seeds and versions of the same digits stay."""
    document = {
        "env.other": fact({"SLURM_NTASKS": "4711"}, "identity"),
        "seed": 4711,
        "a": ["4711", "4711 ms", "1.4711"],
    }

    assert tokenised(document) == document


def test_the_serial_numbers_of_the_firmware_are_known(monkeypatch):
    """They are replaced wherever they stand, whatever stands around them."""
    monkeypatch.setattr(identities, "_line", lambda path: "7XK2Q13" if path.endswith("chassis_serial") else "")

    assert "7XK2Q13" not in json.dumps(tokenised({"a": ["chassis 7XK2Q13", "node-7XK2Q13.log"], "b": {"7XK2Q13": 1}}))


@pytest.mark.parametrize(("serial", "known"), [("A1234", True), ("V100", False), ("Default string", False)])
def test_a_serial_number_of_the_environment_is_long_and_has_a_digit(serial, known):
    """Four characters may be a model, and words without a digit are what makers leave unfilled."""
    assert known == (serial in of_this_machine({"BOARD_SERIAL": serial}).names)


def test_the_home_folder_names_its_account():
    """Where no variable does; a folder elsewhere names nobody."""
    assert "user" == of_this_machine({"HOME": "/homes/impa.k"}).names["impa.k"]
    assert "impa.k" not in of_this_machine({"HOME": "/opt/impa.k"}).names


def test_system_files_that_are_not_there_name_nothing(monkeypatch, tmp_path):
    """A container may have no id of its machine; the names from elsewhere are known all the same."""
    monkeypatch.setattr(identities, "_MACHINE_IDS", (str(tmp_path / "none"),))

    found = of_this_machine({"USER": "zelda.q"}).names

    assert ("user", False) == (found["zelda.q"], "uuid" in found.values())


def test_guids_keep_their_equality():
    """One GUID has one token, whatever word stands before it; another one has another."""
    texts = ["GUID: 506b4b0300b12c3d", "port guid=506b4b0300b12c3d", "GUID: 506b4b0300b12c3e"]
    one, same, other = (re.search(r"mac-[0-9a-f]+", text)[0] for text in tokenised(texts))

    assert (True, True) == (one == same, one != other)


def test_an_address_in_a_fact_that_changes_goes():
    """Among versions of software four numbers stay; in a volatile fact they are an address."""
    told = "(10.23.4.5) gives up"
    document = {role: fact(told, role) for role in ("software", "volatile")}

    cleaned = tokenised(document)

    assert (True, False) == tuple(told == cleaned[role]["value"] for role in document)


def test_only_the_host_s_name_is_taken_for_a_host_as_a_whole():
    """Another fact of one word keeps it."""
    document = {"cpu.model": fact("EPYC"), "platform.libc": fact("glibc")}

    assert document == tokenised(document)


def test_a_variable_that_names_a_host_tells_it():
    """A coordinator on a machine that this one does not know as its own."""
    document = {"env": fact({"JAX_COORDINATOR_ADDRESS": "gerudo12:1234", "NCCL_SOCKET_IFNAME": "eth0"}, "software")}
    value = tokenised(document)["env"]["value"]

    assert "gerudo12" not in json.dumps(value)
    assert value["JAX_COORDINATOR_ADDRESS"].endswith(":1234")
    assert value["NCCL_SOCKET_IFNAME"] == "eth0"


# ------------------------------------------------------------------------------------------------------ what stays

VERSION = st.lists(st.integers(0, 99), min_size=2, max_size=4).map(lambda parts: ".".join(map(str, parts)))
HARMLESS = st.one_of(
    st.text(string.ascii_letters + string.digits + " .,_-()'\n", max_size=60).filter(lambda text: text.count(".") < 3),
    VERSION,
    VERSION.map("nvidia-curand-cu12=={}".format),
    VERSION.map("nvidia-curand-cu12 {} is installed".format),
    VERSION.map("libcublas.so.{}".format),
    st.binary(max_size=20).map(lambda data: hashlib.sha256(data).hexdigest()),
    st.binary(max_size=20).map(lambda data: hashlib.md5(data).hexdigest()),
    st.floats().map(float.hex),
    st.integers(2**53, 2**64).map(hex),
    st.times().map("{:%H:%M:%S}".format),
    st.datetimes().map("{:%Y-%m-%dT%H:%M:%SZ}".format),
    st.sampled_from(
        [
            *(
                "avx512_vnni",
                "sse4_2",
                "0000:00:1e.0",
                "AMD EPYC 9B45 64-Core Processor",
                "cp311-manylinux_2_17_x86_64",
            ),
            *("torch", "nvidia-cublas-cu12", "at::native::add", "c10d::allreduce", "dead::beef", "std::vector<a::b>"),
            *("/proc/cpuinfo", "/usr/lib/x86_64-linux-gnu/libc.so.6", "https://docs.python.org/3/library/sys.html"),
            *("127.0.0.1:8080", "::1", "0.0.0.0", "255.255.255.0", "serial execution of 2 streams", "eth0"),
        ]
    ),
)
KEYS = HARMLESS.filter(
    lambda name: not re.fullmatch(r"[A-Z][A-Z0-9_]*", name) and not identities.SERIAL_KEY.search(name)
)
"""Not the name of an environment variable, where four numbers alone are an address, nor that of a serial number."""
DOCUMENT = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | HARMLESS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=300)
@given(DOCUMENT)
@example({"nvidia-curand-cu12": {"version": "10.3.5.147"}})
@example(["10.3.5.147", "v1.2.3.4", "version 1.2.3.4", "wants ==12.4.5.8, has =12.4.5.8"][:3])
def test_a_document_without_identity_stays_as_it_is(document):
    """Versions, digests, packages, CPU flags, measured values, times and names of C++ are not damaged."""
    assert tokenised(document) == document


@given(st.dictionaries(st.sampled_from(["torch", "nvidia-cufft-cu12", "jaxlib"]), VERSION, max_size=3))
def test_versions_in_facts_of_software_stay(versions):
    """A list of distributions is the same in every mode."""
    document = {"python.distributions": fact({name: {"version": v} for name, v in versions.items()}, "software")}

    assert tokenised(document) == document
    assert anonymous(document) == document


@settings(deadline=None)
@given(st.lists(st.sampled_from(sorted(PLANTED.values()) + sorted(TELLING)), max_size=4).map(" and ".join))
def test_a_second_pass_changes_nothing(text):
    """What stands for something that identified is not taken for something that identifies."""
    for mode in (
        Privacy(key=KEY, environment=ENVIRONMENT),
        Privacy("anonymous", environment=ENVIRONMENT),
    ):
        once = mode.clean({"text": text})
        assert mode.clean(once) == once
        assert redact(once, {}) == once


@pytest.mark.parametrize(
    "name", ["root", "user", "data", "train", "torch", "model", "json", "vm", "float32", "a", "vagrant", "colorsys"]
)
def test_an_ordinary_name_does_not_blank_out_the_document(name):
    """An account or a host that is called like a word of everyday goes from its home folder and identifying facts."""
    prose = {"message": f"the {name} of torch moved /mnt/{name}/x, {name}: 3", name: [name], "home": f"/home/{name}/x"}
    cleaned = tokenised(prose, USER=name, HOSTNAME=name, HOME=f"/home/{name}")

    assert {**cleaned, "home": ""} == {**prose, "home": ""}
    assert f"/home/{name}/" not in cleaned["home"]


def test_an_ordinary_name_goes_from_facts_that_identify():
    """There it is the name, and no word."""
    cleaned = tokenised({"job.place": fact({"queue": "data", "folder": "/lustre/data/run"}, "identity")}, USER="data")

    assert "data" not in json.dumps(cleaned)


def test_the_builders_home_is_not_the_users():
    """Every conda build of torch names /home/conda: it must not differ from machine to machine."""
    document = {"torch.build.settings": fact(["CXX=/home/conda/feedstock_root/c++"], "software")}

    assert tokenised(document) == document


# ------------------------------------------------------------------------------------------------------- anonymous


def test_anonymous_takes_paths_addresses_and_people():
    """The last name of a path stays; folders of every Linux and the frameworks' own pages stay whole."""
    document = {
        '"/data/secret lab/train.py", line 3': '"<path>/train.py", line 3',
        "/srv/lab/.venv/bin/python": "<path>/python",
        "PATH=/opt/lab/bin:/usr/bin:/home/zelda.q": "PATH=<path>/bin:/usr/bin:<path>",
        "--dump=/scratch/lab/out ~/lab/x.py": "--dump=<path>/out <path>/x.py",
        "git+https://git.castle.edu/lab/p.git@main": "<address>",
        "git@github.com:castlelab/p.git": "<address>",
        "see https://github.com/castlelab/p.": "see <address>",
        "ask zelda@castle.edu": "ask <address>",
        "file:///data/lab/wheel.whl": "<path>/wheel.whl",
        "/proc/cpuinfo, /sys/devices": "/proc/cpuinfo, /sys/devices",
        "https://github.com/pytorch/pytorch/issues/1": "https://github.com/pytorch/pytorch/issues/1",
        "1/2, a/b/c, GB/s, and/or, /": "1/2, a/b/c, GB/s, and/or, /",
    }

    assert [anonymous(text) for text in document] == list(document.values())


def test_anonymous_leaves_out_every_fact_that_identifies():
    """Whatever its state was: a reason identifies as well. So do a project's addresses, whatever role they have."""
    document = {
        "host.name": fact("castle", "identity"),
        "python.path": {"state": "error", "role": "identity", "reason": "castle", "source": "sys.path"},
        "code.git.remote": fact("castle", "software"),
        "code.commit": fact("ab" * 20, "software"),
        "torch.version": fact("2.13.0", "software"),
    }
    cleaned = anonymous(document)

    assert "castle" not in json.dumps(cleaned)
    assert [cleaned[key]["state"] for key in document] == ["not-applicable"] * 4 + ["value"]
    assert cleaned["host.name"]["reason"] == "anonymous"


def test_anonymous_names_the_data_as_the_manifests_subjects():
    """In one order, so that a blind reviewer can match them; written again in another order, nothing is renamed."""
    names = ["castle.csv", "git:castle", "oci:registry.example/castle", "path:subject-9"]
    about = [Subject(name=name, digest=Digest(sha256=f"{number:064x}")) for number, name in enumerate(names)]
    told = {"code.data": fact(digests(about), "software")}
    mode = Privacy("anonymous", environment=ENVIRONMENT)
    subjects = [assemble._subject(one, place, mode) for place, one in enumerate(about, start=1)]
    cleaned = anonymous(told)
    turned = {"code.data": fact(dict(reversed(cleaned["code.data"]["value"].items())), "software")}

    assert cleaned["code.data"]["value"] == digests(subjects)
    assert "castle" not in json.dumps(cleaned)
    assert anonymous(turned) == turned
    assert Privacy(key=KEY, environment=ENVIRONMENT).clean(told) == told


def test_data_and_subject_of_one_name_have_one_token():
    """Tokenised: a host's name in the name of a file."""
    about = [Subject(name="hyrule7.csv", digest=Digest(sha256="0" * 64))]
    mode = Privacy(key=KEY, environment=ENVIRONMENT)
    told = mode.clean({"code.data": fact(digests(about), "software")})

    assert list(told["code.data"]["value"]) == [assemble._subject(about[0], 1, mode).name]
    assert list(told["code.data"]["value"]) != [about[0].name]


def test_two_anonymous_audits_cannot_be_linked():
    """Each has a key of its own."""
    assert anonymous("hyrule7") != anonymous("hyrule7")


# ----------------------------------------------------------------------------------------- subjects, key, current mode


def test_the_subjects_digests_are_the_same_in_every_mode():
    """No key of a profile holds what identifies: the environment is the same, whoever may read of it."""
    predicate = samples.predicate()
    modes = [Privacy("identified"), Privacy(key=KEY, environment=ENVIRONMENT), Privacy("anonymous")]
    written = [Predicate.model_validate(mode.clean(predicate.model_dump(mode="json", by_alias=True))) for mode in modes]
    subjects = [statement(one).subject for one in written]

    assert subjects[0] == subjects[1] == subjects[2]
    assert len(subjects[0]) == 2
    assert written[0] != written[2]


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path / "auditor"


def test_the_machines_key_is_made_once_and_is_its_owners(config):
    """Mode 0600 in a folder of mode 0700, and the next audit has the same tokens."""
    first, second = Privacy().token("host", "a"), Privacy().token("host", "a")

    assert first == second
    assert stat.S_IMODE((config / token_key.NAME).stat().st_mode) == 0o600
    assert stat.S_IMODE(config.stat().st_mode) == 0o700
    assert (config / token_key.NAME).stat().st_size == token_key.KEY_BYTES


def test_a_key_that_others_can_read_is_not_used(config):
    """Names stay hidden under a key for this once, and the reason is told."""
    Privacy().token("host", "a")
    (config / token_key.NAME).chmod(0o644)
    one, two = Privacy(), Privacy()

    assert one.token("host", "a") != two.token("host", "a")
    assert "open to other users" in one.problem


def test_no_folder_for_the_key_costs_no_audit(config):
    """A file where the folder should be."""
    config.write_text("")
    mode = Privacy()

    assert TOKEN.fullmatch(mode.token("host", "a"))
    assert mode.problem


def test_nothing_is_kept_where_nothing_needs_a_token(config):
    """A document without identity makes no key; neither does an anonymous one."""
    Privacy().clean({"torch": "2.13.0"})
    Privacy("anonymous").token("host", "a")

    assert not config.exists()


def test_the_default_mode_is_tokenised():
    """What forgets to choose hides names."""
    assert "tokenised" == Privacy().mode
    assert "tokenised" == Audit(Options(""), Catalogue(checks=(), groups=())).privacy.mode
    assert "tokenised" == AuditRecord(()).privacy.mode


def test_the_account_is_known_without_any_variable():
    """The password file names it; root identifies nobody."""
    found = of_this_machine({})

    assert "root" not in {**found.names, **found.ordinary}
    assert socket.gethostname() in {**found.names, **found.ordinary} or socket.gethostname() == "localhost"


@pytest.mark.parametrize(
    "unit",
    ["/a", "/home/", "1.", "a:", "ab:", "-0a", "GPU-", "//", "a@", "job0", "job ", "guid:", "serial ", '"/', "~/"],
)
def test_hostile_text_costs_no_more_than_its_length(unit):
    """No text makes a pattern run away: four times the text takes nowhere near sixteen times the time."""
    small, large = (_seconds(unit * (size // len(unit))) for size in (25_000, 100_000))

    assert large < max(10 * small, 1.0)


def _seconds(text):
    mode = Privacy("anonymous", environment=ENVIRONMENT)
    mode.clean("warm up")
    started = time.process_time()
    mode.clean(f"{text} :-.@ serial")
    return time.process_time() - started
