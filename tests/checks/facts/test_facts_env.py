from __future__ import annotations

import base64
import json
import os

import pytest
from asking import facts, values

from auditor.privacy import secrets
from checks.facts import _secrets, env

SECRET = "correct-Horse7battery"


@pytest.mark.parametrize(
    "name",
    [
        "JAX_API_KEY",
        "TORCH_HUB_TOKEN",
        "PYTHON_KEYRING_PASSWORD",
        "NCCL_AUTH",
        "RAY_AUTH_TOKEN",
        "SLURM_JWT",
        "TF_COOKIE",
    ],
)
def test_secret_names_hide_their_values(monkeypatch, name):
    """A variable with a secret-looking name is seen to be set, and its value never leaves the process."""
    monkeypatch.setenv(name, SECRET)
    found = values(facts("env"))
    held = {**found["env"], **found["env.other"]}

    assert held[name] == {"redacted": True}
    assert SECRET not in json.dumps(held)


@pytest.mark.parametrize(
    "name", ["HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "LANGCHAIN_API_KEY", "TF_VAR_database", "HISTFILE", "MY_OWN"]
)
def test_what_is_not_listed_stays_home(monkeypatch, name):
    """Variables outside the allowlist are recorded neither by value nor by name."""
    monkeypatch.setenv(name, SECRET)
    found = values(facts("env"))

    assert name not in json.dumps(found)
    assert SECRET not in json.dumps(found)


def test_deciding_variables_and_circumstances_are_apart(monkeypatch):
    """What decides numbers describes the software; places, jobs and devices identify."""
    deciding = {
        "OMP_NUM_THREADS": "3",
        "XLA_FLAGS": "--xla_dump_to=/d",
        "NCCL_PAT_ENABLE": "0",
        "TZ": "UTC",
        "CCL_X": "1",
    }
    circumstances = {
        "LD_LIBRARY_PATH": "/opt/lib",
        "SLURM_JOB_ID": "7",
        "CUDA_VISIBLE_DEVICES": "GPU-1",
        "CUDA_HOME": "/c",
        "ZE_AFFINITY_MASK": "0",
        "ONEAPI_ROOT": "/o",
    }
    for name, value in {**deciding, **circumstances}.items():
        monkeypatch.setenv(name, value)
    replies = facts("env")
    found = values(replies)

    assert deciding.items() <= found["env"].items()
    assert circumstances.items() <= found["env.other"].items()
    assert not found["env"].keys() & found["env.other"].keys()
    assert (replies["env"].role, replies["env.other"].role) == ("software", "identity")


def test_credentials_in_addresses_are_cut_out(monkeypatch):
    """An address in a listed variable keeps its host and loses its user information."""
    monkeypatch.setenv("TORCH_HOME_URL", f"https://me:{SECRET}@models.example/x")

    assert values(facts("env"))["env"]["TORCH_HOME_URL"] == "https://<redacted>@models.example/x"


def test_undecodable_bytes_travel_as_bytes(monkeypatch):
    """A value that is no UTF-8 keeps its bytes, and an undecodable name does not break the reply."""
    monkeypatch.setitem(os.environb, b"PYTHON_ODD", b"a\xff\xfe")
    monkeypatch.setitem(os.environb, b"TORCH_\xff", b"1")
    found = values(facts("env"))["env"]

    assert found["PYTHON_ODD"] == {"b64": base64.b64encode(b"a\xff\xfe").decode()}
    assert [name for name in found if name.startswith("TORCH_")] == ["TORCH_\\udcff"]


@pytest.mark.parametrize("name", ["TOKENIZERS_PARALLELISM", "NCCL_PAT_ENABLE", "PYTHONHASHSEED", "MONKEY_PATCH", "PWD"])
def test_innocent_names_are_no_secrets(name):
    """Names that only contain letters of a secret word are not taken for secrets."""
    assert not _secrets.is_secret_name(name)


def test_a_listed_variable_is_in_exactly_one_map():
    """Every beginning of a name belongs to one of the two maps."""
    assert not set(env.DECIDING) & set(env.CIRCUMSTANCES)


@pytest.mark.parametrize(
    "name",
    [
        "HF_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "PGPASSWORD",
        "DB_PASS",
        "GITHUB_PAT",
        "SENTRY_DSN",
        "SLURM_JWT",
        "MYTOKEN",
        "OPENAI_API_KEY",
        "DB_PWD",
        "PWD",
        "TOKENIZERS_PARALLELISM",
        "NCCL_PAT_ENABLE",
        "COMPASS",
        "MONKEY_PATCH",
        "PYTHONHASHSEED",
        "AUTHOR",
        "KEYBOARD",
        "XLA_FLAGS",
    ],
)
def test_payload_and_host_agree_about_secret_names(name):
    """The two sides share no code, and yet take the same names for secrets."""
    assert _secrets.is_secret_name(name) == secrets.is_secret_name(name)
