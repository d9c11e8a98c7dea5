"""The appendix compiles: with pdflatex and lualatex, in the classes of papers, with hostile values in it."""

import os
import re
import shutil
import subprocess

import audit_example
import claim_examples
import examples
import pytest

from auditor.quoting import latex
from auditor.report import formats

ENGINES = ("pdflatex", "lualatex")
MISSING = [tool for tool in (*ENGINES, "pdftotext", "kpsewhich") if shutil.which(tool) is None]
pytestmark = [
    pytest.mark.exhaustive,
    pytest.mark.skipif(bool(MISSING), reason=f"TeX Live and poppler are not installed: {', '.join(MISSING)}"),
]
CLASSES = {
    "article": r"\documentclass{article}",
    "article-t1": r"\documentclass[twocolumn]{article}\usepackage[T1]{fontenc}\usepackage{hyperref}",
    "acmart": r"\documentclass[sigconf,nonacm]{acmart}",
    "IEEEtran": r"\documentclass[conference]{IEEEtran}",
    "llncs": r"\documentclass{llncs}",
    "elsarticle": r"\documentclass{elsarticle}",
}
FRONT = {
    "acmart": r"\title{T}\author{A}\affiliation{\institution{I}\country{C}}\begin{abstract}A.\end{abstract}\maketitle",
    "IEEEtran": r"\title{T}\author{A}\maketitle",
    "llncs": r"\title{T}\author{A}\institute{I}\maketitle",
}
BODY = r"""Torch \auditTorchVersion{} on \auditGpu{}, \auditCpu{}: \auditOutcome{}, sha256:\auditDigest{}.
\appendix
\auditAppendix
"""
MANY = "".join(map(chr, [*range(32, 127), *range(0xA1, 0x180), *range(0x390, 0x3CA), *range(0x2010, 0x2030)]))
HOSTILE = f"{MANY} €™→≤±× 漢字 \u202e \x1b[31m ^^41 --- ``x'' ?` !` ,, << >> \\input{{/etc/passwd}} \\\\[1cm] %"


@pytest.fixture(scope="module")
def caches(tmp_path_factory):
    """Where the engines keep caches of fonts: not in the home of who runs the tests, and once for all of them."""
    return tmp_path_factory.mktemp("texmf-var")


def compiled(folder, engine, name, text, caches):
    """The words of the PDF, and the log. Shell escape is off, and nothing is asked on the terminal."""
    (folder / "audit.tex").write_text(text, encoding="ascii")
    paper = (
        f"{CLASSES[name]}\n\\input{{audit.tex}}\n\\begin{{document}}\n{FRONT.get(name, '')}\n{BODY}\\end{{document}}\n"
    )
    (folder / "paper.tex").write_text(paper, encoding="ascii")
    command = [engine, "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    environment = {**os.environ, "TEXMFVAR": str(caches), "max_print_line": "1000"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, errors="replace", check=False
    )
    assert 0 == done.returncode, done.stdout[-3000:]
    words = subprocess.run(
        ["pdftotext", "paper.pdf", "-"], cwd=folder, capture_output=True, text=True, check=True
    ).stdout
    return words, done.stdout


PAIRS = ("--", "---", ",,", "''", "``", "<<", ">>", "!`", "?`", "'", "`")
"""What TeX's fonts would print as another character."""


def skip_without(name):
    """Some classes are packages of Debian of their own."""
    style = name.partition("-")[0]
    if subprocess.run(["kpsewhich", f"{style}.cls"], capture_output=True, check=False).returncode:
        pytest.skip(f"the class {style} is not installed")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", [*CLASSES])
def test_the_appendix_compiles_in_the_classes_of_papers(name, engine, tmp_path, caches):
    """Words and digests are in the PDF, nothing sticks out of its column by more than a millimetre."""
    skip_without(name)
    claims = (claim_examples.CONFIRMED, claim_examples.TOO_FEW)
    reported = examples.reported(claim_examples.manifest(*claims, replays=[examples.IDENTICAL]))
    words, log = compiled(tmp_path, engine, name, formats.render("latex", reported).decode(), caches)

    assert "2.13.0+cpu" in words
    assert "18,230" in words
    assert "TOO FEW RUNS TO TELL" in re.sub(r"\s+", " ", words)
    assert reported.sha256 in re.sub(r"\s", "", words)
    assert [] == [float(found) for found in re.findall(r"Overfull \\hbox \(([0-9.]+)pt", log) if float(found) > 3]


@pytest.mark.parametrize("engine", ENGINES)
def test_hostile_values_are_printed_and_do_nothing(engine, tmp_path, caches):
    """Every character that LaTeX knows, in OT1 and in Unicode; nothing is read, and no row of a table breaks."""
    facts = {
        "torch.version": audit_example.value(HOSTILE),
        "host.cpu.model": audit_example.value("]{}\\end{document}\\write18{touch evil}", "machine"),
        "host.os.title": audit_example.value("*[5cm] & & \\\\ #1 \\csname x"),
    }
    finding = audit_example.FINDINGS[0].model_copy(update={"check": HOSTILE, "message": HOSTILE})
    made = examples.manifest(examples.IDENTICAL, facts=facts, findings=[finding])
    words, _ = compiled(tmp_path, engine, "article", formats.render("latex", examples.reported(made)).decode(), caches)

    flat = re.sub(r"\s", "", words)
    assert r"\write18{touchevil}" in flat
    assert not (tmp_path / "evil").exists()
    assert "root:x:" not in words
    assert "sha256:" in flat.rpartition(r"\write18")[2]


def test_lualatex_prints_each_character_of_ascii(tmp_path, caches):
    """What pdftotext reads is what was quoted."""
    characters = [one for one in latex.COMMANDS if one.isprintable() and one.isascii()] + [
        "é",
        "ü",
        "Å",
        "ß",
        "æ",
        *PAIRS,
    ]
    facts = {"torch.version": audit_example.value(" ".join(characters))}
    made = audit_example.manifest(facts=facts, findings=[])
    words, _ = compiled(
        tmp_path, "lualatex", "article", formats.render("latex", examples.reported(made)).decode(), caches
    )

    assert "".join(characters) in re.sub(r"\s", "", words)
