"""The report: what it says, in which order, and that no value of a manifest is markup. Parsed by markdown-it."""

import re

import audit_example
import hostile
import pytest
from hypothesis import HealthCheck, given, settings
from markdown_it import MarkdownIt

from auditor.manifest.models import Reach
from auditor.quoting.inert import visible
from auditor.render import markdown

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
OUR_HTML = re.compile(r"<details>\n<summary>[A-Z][A-Za-z ]+ \([0-9]+\)</summary>\n|</details>\n")
OUR_HEADINGS = re.compile(
    r"Reproducibility audit|What .*|The audit|Facts.*|Readings|Environment variables that can change results|"
    r"Your set-up|Your program|Defects of these releases.*|Configuration of JAX|Installed distributions|"
    r"Versions and builds|Devices|Switches|CPU and memory|System and Python|(Critical|High|Medium|Low|Info): .*"
)


def report(manifest=None, **options):
    return markdown.render(manifest or audit_example.manifest(), audit_example.PAYLOAD_SHA256, **options)


def plain(inline):
    """The text that a reader sees of one inline token; anything but text, code and our bold is an error."""
    shown = ""
    for token in inline.children:
        assert token.type in ("text", "code_inline", "strong_open", "strong_close"), (token.type, inline.content)
        shown += token.content
    return shown


def test_findings_about_the_program_stand_under_their_own_heading():
    """Before the set-up; a finding about its operators is no defect of a release that it reaches."""
    own = audit_example.FINDINGS[1].model_copy(
        update={"check": "experiment-operators", "reach": Reach(state="reached", file="train.py", line=4)}
    )
    text = report(audit_example.manifest(findings=[own, *audit_example.FINDINGS[2:]]))

    parts = ("## Your program\n", "### High: `experiment-operators`", "## Your set-up")
    assert [text.index(part) for part in parts] == sorted(text.index(part) for part in parts)
    assert "that your program reaches" not in text
    assert "or program decides" not in text  # what it decides stands above
    assert "## Your program\n" not in report()


def test_it_says_what_is_wrong_first_by_severity():
    """The set-up, then defects of releases by severity, then what could not be measured; the rest is folded."""
    text = report()
    places = [
        text.index(part)
        for part in (
            "**1 defect of these releases breaks a promise; whether your program reaches it is unknown",
            "2 held, 3 failed, 1 inconclusive, 1 could not run, 1 not applicable.",
            "## Your set-up",
            "### Medium: `python-hash-seed`",
            "## Defects of these releases",
            "| high | torch-index-put-race: index_put; right in torch 2.14.1 |",
            "<summary>Each finding in full (2)</summary>",
            "### High: `torch-index-put-race`",
            "### Low: `torch-scatter`",
            "## What could not be measured",
            "| `torch-uninitialised` | critical | inconclusive |",
            "| `tensorflow-same-seed` | high | could not run |",
            "<summary>Claims that held (2)</summary>",
            "<summary>Checks that do not apply here (1)</summary>",
            "## The audit",
            "<summary>Facts (17)</summary>",
            "### Facts that could not be read",
            "<summary>Readings (3)</summary>",
            "## What the signature says",
        )
    ]

    assert places == sorted(places)


def test_undocumented_failures_come_before_documented_ones():
    """Within one severity, what nobody told the user comes first."""
    known = ("documented-and-cured", "documented", "undocumented")
    findings = [audit_example.FINDINGS[1].model_copy(update={"check": f"c-{name}", "known": name}) for name in known]

    assert re.findall(r"### High: `(.*)`", report(audit_example.manifest(findings=findings))) == [
        *("c-undocumented", "c-documented", "c-documented-and-cured")
    ]


def test_a_finding_has_measurement_evidence_news_and_remedy():
    """Everything that a reader needs to act."""
    text = report()

    assert "- **Measured:** order gave 2 different results in 2 processes\n" in text
    assert (
        "- **Evidence:** differing: (index\\_put: 3); rate" not in text
    )  # an underscore inside a word needs no escape
    assert "- **Evidence:** differing: (index_put: 3); rate_bound_95: 0.7764; releases: " in text
    assert "- **Documented?** yes, by the framework; its own switch cures it (measured here)\n" in text
    assert "- **What to do:** export `PYTHONHASHSEED=0` in the job" in text
    assert "- **Set before the process starts:** `PYTHONHASHSEED=0`\n" in text


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        (["pass"], "Every check that applies here held (1)."),
        (["pass", "not-applicable"], "Every check that applies here held (1); 1 does not apply here."),
        (
            ["pass", "error"],
            "Nothing failed, but 1 of 2 applicable checks could not be measured: that is not a pass.",
        ),
        (["fail"], "1 of 1 applicable check failed, the worst with severity high."),
        (
            ["fail", "pass", "error", "not-applicable"],
            "1 of 3 applicable checks failed, the worst with severity high. 1 of 3 applicable checks could not",
        ),
        (["not-applicable"], "No check was run that applies here"),
        ([], "No check was run that applies here"),
    ],
)
def test_the_verdict_never_takes_unmeasured_for_passed(outcomes, verdict):
    """One sentence on top."""
    race = audit_example.FINDINGS[1].model_copy(update={"kind": None, "reach": None})
    findings = [race.model_copy(update={"outcome": outcome}) for outcome in outcomes]

    assert f"**{verdict}" in report(audit_example.manifest(findings=findings)).replace("\\", "")


def test_an_unsigned_report_says_so():
    """On top and at the end; a signed one tells how to verify it."""
    assert "**UNSIGNED.**" in report(signed=False)
    assert "auditor verify" not in report(signed=False)
    assert "UNSIGNED" not in report()
    assert "auditor verify" in report()


def test_facts_stand_in_tables_by_subject():
    """Devices, switches, processor, versions; the long list of distributions is folded away."""
    text = report()

    assert (
        "### Devices\n\n| Fact | Value | Read from |\n|---|---|---|\n| `torch.devices` | (memory: 80; name: Ex" in text
    )
    assert "| `host.cpu.model` | Example CPU &#124; 2.00GHz | /proc/cpuinfo |" in text
    assert "### Installed distributions\n" in text
    assert "| `trl-fork` | `1.0.dev0` | git |" in text
    assert "| `TF_TOKEN` | `redacted: true` |" in text
    assert "| nothing | 1 | 2 |" in text
    assert "### Configuration of JAX\n\n| Fact | Value" in text
    assert text.index("<summary>Facts (17)</summary>") < text.index("### Devices")
    assert text.index("### Switches") < text.index("`torch.cudnn.benchmark`") < text.index("### CPU and memory")


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("<b>|&", "&lt;b&gt;&#124;&amp;"),
        ("_x_ a_b __", r"\_x\_ a_b \_\_"),
        ("``a`", "&#96;&#96;a&#96;"),
        ("[x](javascript:y)", r"\[x\](javascript:y)"),
        ("http://x www.y", "http&#58;//x www&#46;y"),
        ("\x1b[1m\u202e", r"\\x1b\[1m\\u202e"),
        ("", "(empty)"),
    ],
)
def test_each_dangerous_character_has_its_escape(text, escaped):
    """Also where another escape would already be enough: dialects differ."""
    assert markdown.text(text) == escaped
    assert markdown.prose(text) == (escaped if text else "")


@given(hostile.texts)
@settings(max_examples=400, deadline=None)
def test_escaped_text_reads_as_it_is(text):
    """As prose and as code: the reader sees the visible form, and nothing of it is markup."""
    for quote in (markdown.text, markdown.code):
        quoted = quote(text)
        (inline,) = PARSER.parseInline(f"a{quoted}b")

        assert "|" not in quoted
        assert plain(inline) == f"a{visible(text) or '(empty)'}b"


@given(hostile.texts)
@settings(max_examples=400, deadline=None)
def test_prose_keeps_code_spans_and_nothing_else(text):
    """Backticks may become code; the words stay."""
    (inline,) = PARSER.parseInline(f"a{markdown.prose(text)}b")

    assert plain(inline).replace("`", "") == f"a{visible(text).replace('`', '')}b"


@given(hostile.manifests())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_no_value_of_a_manifest_is_markup(manifest):
    """No link, image, HTML, heading, fence or cell comes from a value, and rendering twice gives the same."""
    text = report(manifest)
    tokens = PARSER.parse(text)
    headings = [tokens[number + 1] for number, token in enumerate(tokens) if token.type == "heading_open"]

    assert text == report(manifest)
    assert all(line.isprintable() for line in text.split("\n"))
    assert [plain(token) for token in tokens if token.type == "inline"]
    assert all(OUR_HTML.fullmatch(token.content) for token in tokens if token.type == "html_block")
    assert all(OUR_HEADINGS.fullmatch(plain(heading)) for heading in headings)
    assert [token.content for token in tokens if token.type in ("code_block", "fence")] == [
        "auditor verify THIS_FOLDER --key PUBLIC_KEY\n"
    ]
    assert not {token.type for token in tokens} & {"blockquote_open", "ordered_list_open", "hr"}
    for table in re.findall(r"(?:^\|.*\|\n)+", text, re.MULTILINE):
        assert len({line.count("|") for line in table.splitlines()}) == 1


def test_an_audit_in_a_container_says_so():
    """With the image where something told it, else with how to state it; nothing outside of containers."""
    value = audit_example.value
    inside = {"host.container": value(content=True, role="machine")}
    inside["host.container.runtime"] = value("podman", "machine")
    image = {"host.container.image_digest": value("sha256:" + "ab" * 32)}

    def of(more):
        return report(audit_example.manifest(facts={**audit_example.FACTS, **more}))

    assert "ran inside a container (podman) and could not read the image's digest" in of(inside)
    assert f"of the image sha256:{'ab' * 32}." in of({**inside, **image})
    assert "container" not in report().split("## ")[0]


def outside_of_folds(text):
    """What a person sees without opening anything."""
    return re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL)


def test_what_a_person_sees_is_two_screens():
    """A hundred lines or fewer without what is folded, however many facts and claims that held there are."""
    facts = {f"torch.fact{number}": audit_example.value(number) for number in range(400)}
    held = [audit_example.FINDINGS[3].model_copy(update={"check": f"torch-claim-{n}"}) for n in range(60)]
    text = report(audit_example.manifest(facts=facts, findings=[*audit_example.FINDINGS, *held]))

    assert text.count("<details>") == text.count("</details>")
    assert len(outside_of_folds(text).splitlines()) <= 100
    assert len(text.splitlines()) > 400


def test_reached_defects_are_not_folded():
    """What the user's program reaches is told in full, before those of which that is unknown."""
    race = audit_example.FINDINGS[1].model_copy(update={"reach": Reach(state="reached")})
    text = outside_of_folds(report(audit_example.manifest(findings=[race, audit_example.FINDINGS[2]])))

    assert "## Defects of these releases that your program reaches\n\n### High: `torch-index-put-race`" in text
    assert "### High" not in outside_of_folds(report())
