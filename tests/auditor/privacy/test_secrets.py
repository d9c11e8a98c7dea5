from __future__ import annotations

import base64
import hashlib
import json
import string
import time
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from auditor.privacy.secrets import REDACTED, is_secret_name, redact, secrets_of

ALPHANUMERIC = string.ascii_letters + string.digits
HEX = "0123456789abcdef"


def _tail(alphabet, low, high=None):
    """The random part of a token: with a digit, as every real one has."""
    return st.text(alphabet, min_size=low, max_size=high or low + 20).map(lambda text: text + "7")


SHAPED = {
    "hugging-face": _tail(ALPHANUMERIC, 30).map("hf_{}".format),
    "github": st.tuples(st.sampled_from(["ghp_", "gho_", "ghs_", "ghu_", "github_pat_"]), _tail(ALPHANUMERIC, 30)).map(
        "".join
    ),
    "gitlab": _tail(ALPHANUMERIC + "_-", 20).map("glpat-{}".format),
    "openai": st.tuples(st.sampled_from(["sk-", "sk-proj-", "sk-ant-api03-"]), _tail(ALPHANUMERIC, 30)).map("".join),
    "slack": st.tuples(st.sampled_from(["xoxa-", "xoxb-", "xoxp-"]), _tail(string.digits, 20)).map("".join),
    "aws": st.tuples(
        st.sampled_from(["AKIA", "ASIA"]), st.text(string.ascii_uppercase + "234567", min_size=16, max_size=16)
    ).map("".join),
    "google": _tail(ALPHANUMERIC + "_-", 34).map("AIza{}".format),
    "jwt": st.lists(_tail(ALPHANUMERIC + "_-", 12), min_size=3, max_size=3).map(lambda parts: "eyJ" + ".".join(parts)),
    "pypi": _tail(ALPHANUMERIC + "_-", 40).map("pypi-AgEIcHlwaS5vcmc{}".format),
    "npm": _tail(ALPHANUMERIC, 36).map("npm_{}".format),
}
"""Tokens that are known by their shape alone, in no variable and under no name."""

PASSWORD = st.text(ALPHANUMERIC + "!%^*()_=+~.", min_size=9, max_size=30).map(lambda text: "q7" + text)
"""Free secrets: known by their place."""
PLACES = (
    "https://user:{}@host.example/path",
    "postgres://someone:{}@db:5432/name",
    "git+https://{}@git.example/x.git",
    "failed: Authorization: Bearer {} was refused",
    'headers = {{"Authorization": "Basic {}"}}',
    "curl 'https://host/x?a=1&token={}&b=2'",
    "train.py --password={} --epochs 3",
    "train.py --api-key {} --epochs 3",
    "WANDB_API_KEY={}",
    '{{"password": "{}"}}',
    "https://bucket.example/o?X-Amz-Signature={}",
)
"""What a secret stands in when nothing but its place tells that it is one."""

HARMLESS_TEXT = st.one_of(
    st.text(string.ascii_letters + string.digits + " .,/_-()'\n", max_size=60),
    st.binary(max_size=20).map(lambda data: hashlib.sha256(data).hexdigest()),
    st.binary(max_size=20).map(lambda data: hashlib.sha1(data).hexdigest()),
    st.from_regex(r"\A[0-9]{1,3}\.[0-9]{1,3}(\.[0-9a-z]{1,8})?(\+cu[0-9]{3})?\Z"),
    st.sampled_from(
        ["/proc/cpuinfo", "https://docs.python.org/3/library/sys.html#sys.flags", "TOKENIZERS_PARALLELISM=false"]
    ),
)
DOCUMENT = st.recursive(
    st.none() | st.booleans() | st.integers() | HARMLESS_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(HARMLESS_TEXT, inner, max_size=4),
    max_leaves=20,
)
RELAXED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _planted(document, text):
    """A document that holds a text as a value, inside a longer text, as a key, deep down, and among bytes."""
    hidden = base64.b64encode(b"\xff" + text.encode()).decode()
    return {"a": document, "b": [text, f"before {text} after"], text: {"c": {"d": text}}, "e": {"b64": hidden}}


def _all_text(node):
    """Everything that a reader of the result can see, bytes decoded."""
    shown = json.dumps(node, ensure_ascii=False)
    return shown + base64.b64decode(node["e"]["b64"]).decode("utf-8", "replace")


@RELAXED
@given(DOCUMENT, st.sampled_from(sorted(SHAPED)).flatmap(SHAPED.get))
def test_tokens_of_known_services_never_survive(document, token):
    """A token that is known by its shape is gone from values, keys and bytes alike."""
    assert token not in _all_text(redact(_planted(document, token), {}))


@RELAXED
@given(DOCUMENT, st.sampled_from(PLACES), PASSWORD)
def test_secrets_in_telling_places_never_survive(document, place, password):
    """A secret in an address, a header, a command line or a query string is gone."""
    assert password not in _all_text(redact(_planted(document, place.format(password)), {}))


@RELAXED
@given(
    DOCUMENT,
    st.text(string.printable.strip() + "é", min_size=8, max_size=40),
    st.sampled_from(["HF_TOKEN", "DB_PASSWORD"]),
)
@example({}, "a\"b\\c'd", "HF_TOKEN")
def test_values_of_secret_variables_never_survive(document, secret, name):
    """The value of a variable with a secret name is gone wherever it turns up, and in whatever spelling."""
    environment = {name: secret}
    if secret.strip() not in secrets_of(environment):
        return
    spellings = (secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode(), json.dumps(secret)[1:-1])
    for spelling in spellings:
        result = redact(_planted(document, spelling), environment)

        assert spelling not in json.dumps(result["b"], ensure_ascii=False)
        assert secret not in [*result["b"], *result]


def test_no_character_of_a_secret_is_left_in_any_spelling():
    """A secret with quotes and a backslash goes from its first character, as JSON, Python, a URL or base64 write it."""
    secret = "x\"b\\c'd/9"
    raw = secret.encode()
    spellings = [secret, json.dumps(secret)[1:-1], repr(secret)[1:-1], quote(secret), quote(secret, safe="")]
    spellings += [base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode().rstrip("=")]

    found = redact([f"<{spelling}>" for spelling in spellings], {"HF_TOKEN": secret})

    assert ["<<redacted>>"] * len(spellings) == found


@RELAXED
@given(DOCUMENT)
def test_documents_without_secrets_stay_as_they_are(document):
    """Digests, versions, paths, addresses and prose are not damaged."""
    assert redact(document, {"HOME": "/root", "LANG": "C.UTF-8"}) == document


@RELAXED
@given(DOCUMENT, st.sampled_from(PLACES), PASSWORD)
def test_a_second_pass_changes_nothing(document, place, password):
    """Redacting is idempotent: what was redacted once is not a new document."""
    once = redact(_planted(document, place.format(password)), {})

    assert redact(once, {}) == once


@pytest.mark.parametrize(
    "text",
    [
        "ssh://git@github.com/owner/repo",
        "git@github.com:owner/repo.git",
        "http://registry:4873/@scope/package",
        "max_tokens=4096 and max_new_tokens: 128000",
        "sorted(names, key=len); token: torch.Tensor; api_key: str = None",
        "password: required; use token=<your token> or --token $TOKEN",
        "the basic understanding of bearer instruments",
        "a task-runner-with-a-long-name-2 and risk-averse-people-of-2024",
        "jax.config.jax_debug_key_reuse and hf_hub_download(repo_id)",
        "PYTHONHASHSEED=0 CUBLAS_WORKSPACE_CONFIG=:4096:8 TF_DETERMINISTIC_OPS=1",
        "sha256=" + "ab" * 32,
        "-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----",
    ],
)
def test_ordinary_text_is_left_alone(text):
    """Prose, code and settings that only look like secrets are not touched."""
    assert redact({text: [text]}, {}) == {text: [text]}


def test_private_keys_are_removed_whole():
    """A private key block is gone with all of its lines, and what stands around it stays."""
    block = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==\nAAAA\n-----END OPENSSH PRIVATE KEY-----"

    assert redact(f"before\n{block}\nafter", {}) == f"before\n{REDACTED}\nafter"


def test_a_cut_private_key_is_removed_to_its_end():
    """A tail of output may end inside a key."""
    assert redact("x -----BEGIN RSA PRIVATE KEY-----\nMIIE", {}) == f"x {REDACTED}"


def test_a_named_value_of_a_map_is_removed():
    """In a map of variables the name tells, whatever the value looks like; words of settings stay."""
    document = {"HF_TOKEN": "plainwords", "TOKENIZERS_PARALLELISM": "disabled", "MY_SECRET": "required"}

    assert redact(document, {}) == {**document, "HF_TOKEN": REDACTED}


@pytest.mark.parametrize(
    "environment",
    [
        {"USE_TOKEN": "true"},
        {"API_KEY": "python"},
        {"KEY_FOLDER": "/root", "HOME": "/root"},
        {"SECRET_FOLDER": "/srv", "PWD": "/srv/lab"},
        {"PRIVATE_TOKEN_VERSION": "2.13.0+cpu"},
        {"PASSWORD": ""},
        {"TOKENIZERS_PARALLELISM": "cpuinfo"},
        {"PWD": "/proc/cpuinfo"},
    ],
    ids=str,
)
def test_everyday_values_do_not_blank_out_the_document(environment):
    """A variable with a secret name and an everyday value must not make the document useless."""
    document = {"python": ["/root/x", "/srv/lab", "2.13.0+cpu", "true", "/proc/cpuinfo"]}

    assert redact(document, environment) == document


def test_short_secrets_are_replaced_as_words_only():
    """Six characters may be part of a digest, and stay there; alone they are the secret."""
    assert redact(["ab12cd", "key ab12cd.", "99ab12cd00"], {"A_KEY": "ab12cd"}) == [
        REDACTED,
        f"key {REDACTED}.",
        "99ab12cd00",
    ]


@pytest.mark.parametrize("secret", ["ab12cd34", "ab12cd34ef56", "ab12cd34ef56ab12cd34"])
def test_longer_secrets_are_replaced_inside_words(secret):
    """From eight characters on chance does not write it, so it goes from the middle of a word too."""
    assert f"x{REDACTED}y" == redact(f"x{secret}y", {"A_KEY": secret})


def test_what_is_no_base64_is_cleaned_as_text():
    """A value that says that it is base64, and holds other characters, is kept, and its secrets go."""
    assert {"b64": "é"} == redact({"b64": "é"}, {})
    assert {"b64": f"é {REDACTED}"} == redact({"b64": "é first-secret"}, {"A_KEY": "first-secret"})


def test_passwords_inside_addresses_of_variables_are_known():
    """The password in an index address is a secret, also where it stands alone."""
    environment = {"PIP_INDEX_URL": "https://me:p%40ssword1@index.example/simple"}

    assert redact("refused: p@ssword1", environment) == f"refused: {REDACTED}"


def test_redacted_keys_do_not_fall_together():
    """Two entries whose keys are secrets stay two entries."""
    environment = {"A_TOKEN": "first-secret", "B_TOKEN": "second-secret"}

    assert redact({"first-secret": 1, "second-secret": 2}, environment) == {REDACTED: 1, f"{REDACTED} 2": 2}


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("HF_TOKEN", True),
        ("AWS_SECRET_ACCESS_KEY", True),
        ("PGPASSWORD", True),
        ("DB_PASS", True),
        ("SLURM_JWT", True),
        ("GITHUB_PAT", True),
        ("PWD", False),
        ("TOKENIZERS_PARALLELISM", False),
        ("NCCL_PAT_ENABLE", False),
        ("MONKEY_PATCH", False),
        ("COMPASS", False),
    ],
)
def test_secret_names(name, secret):
    """Names are judged by their words."""
    assert is_secret_name(name) is secret


@pytest.mark.parametrize(
    "unit", ["a_", "://a:", "sk-", "bearer ", "-eyJaaaaaaaa", "--a-", "-----BEGIN PRIVATE KEY-----", "https://x"]
)
def test_hostile_text_costs_no_more_than_its_length(unit):
    """No text makes a pattern run away: four times the text takes nowhere near sixteen times the time."""
    small, large = (_seconds(unit * (size // len(unit))) for size in (25_000, 100_000))

    assert large < max(10 * small, 1.0)


def _seconds(text):
    started = time.process_time()
    redact({"text": text, "triggers": "token password key -- ://"}, {})
    return time.process_time() - started
