"""Text and whole manifests that try to break out of every format."""

from __future__ import annotations

import audit_example
from hypothesis import strategies as st

from auditor.manifest.models import Fact, Finding, Reading

FRAGMENTS = (
    *("\n", "\r", "\r\n", "\x00", "\x0b", "\x0c", "\x1b[31m", "\x1b]8;;http://evil\x07", "\x85", "\u2028", "\u2029"),
    *("\u202e", "\u2066", "\u200f", "\ufeff", "\u200b", "\xa0", "\u3000", "\t", " ", "  ", "\x7f", "\x9b31m"),
    *("|", "\\|", "\\", "\\\n", "`", "``", "```", "~~~", "*", "_", "__", "[x](javascript:alert(1))", "![i](http://e)"),
    *(
        "<script>",
        "<!--",
        "-->",
        "</details>",
        "<details>",
        "&lt;",
        "&#60;",
        "<http://evil>",
        "http://evil",
        "www.evil.org",
    ),
    *(
        "# ",
        "\n# x",
        "\n---\n",
        "\n| a | b |\n",
        "- ",
        "1. ",
        "> ",
        "]",
        "[^1]",
        "[a]: http://evil",
        "$x$",
        "$$",
        "@user",
    ),
    *("$HOME", "${HOME}", "$(id)", "{{ 7 * 7 }}", "{% raw %}", "{#", "'", '"', '\\"', '" ', "<<EOF", "EOF"),
    *(
        "\nRUN evil",
        "\nUSER root",
        "# escape=`",
        "# syntax=evil",
        "--index-url evil",
        "-r evil",
        " @ file:///evil",
        "; x",
    ),
    *(
        " # hash",
        "==",
        ">=1",
        "--hash=sha256:00",
        "-e .",
        ",",
        "[extra]",
        "[red]x[/red]",
        "[/]",
        ":boom:",
        "\u0130",
        "\u212a",
    ),
)
texts = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=6) | st.just("abc"), max_size=6).map("".join)
"""Hostile text, without lone surrogates: a manifest cannot carry them."""
names = texts | st.sampled_from(
    ("torch", "OMP_NUM_THREADS", "XLA_FLAGS", "python.version", "host.os.id", "env", "numpy")
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**52), 2**52) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)

facts = st.builds(
    Fact,
    state=st.sampled_from(("value", "value", "not-applicable", "unknown", "error")),
    role=st.sampled_from(("software", "machine", "volatile", "identity")),
    value=values,
    source=texts,
    reason=texts,
)
sound_versions = st.sampled_from(("1.0", "2!1.0rc1", "2.13.0+cpu"))
versions = sound_versions | texts | st.tuples(sound_versions, st.sampled_from(FRAGMENTS)).map("".join)
distributions = st.dictionaries(
    st.sampled_from(("torch", "numpy", "Foo_Bar", "foo-bar")) | names,
    versions
    | st.fixed_dictionaries(
        {"version": versions}, optional={"origin": texts | st.just("index"), "url": texts, "editable": st.booleans()}
    ),
)
findings = st.builds(
    Finding,
    check=texts,
    framework=texts,
    outcome=st.sampled_from(("pass", "fail", "fail", "inconclusive", "not-applicable", "error")),
    severity=st.sampled_from(("critical", "high", "medium", "low", "info")),
    known=st.sampled_from((None, "undocumented", "documented", "documented-and-cured")),
    title=texts,
    message=texts,
    evidence=st.dictionaries(names, values, max_size=2),
    remedy=texts,
    remedy_env=st.dictionaries(names, texts, max_size=2),
)
readings = st.builds(
    Reading, check=texts, process=texts, settings=st.dictionaries(texts, texts, max_size=2), values=st.just({})
)


@st.composite
def manifests(draw):
    """Manifests in which every text is hostile."""
    found = draw(st.dictionaries(names, facts, max_size=4))
    found["python.distributions"] = audit_example.value(draw(distributions))
    found["env"] = audit_example.value(draw(st.dictionaries(names, texts | values, max_size=4)))
    return audit_example.manifest(
        facts=found,
        findings=draw(st.lists(findings, max_size=4)),
        readings=draw(st.lists(readings, max_size=3)),
        started_on=draw(texts),
        finished_on=draw(texts),
        python=draw(texts),
        python_reason=draw(texts),
        setup_sha256=draw(texts),
    )
