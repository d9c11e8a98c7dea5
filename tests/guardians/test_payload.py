"""The payload keeps its promises: what it imports, what it parses at, what its ids and docstrings are."""

import ast
import shutil
import subprocess
import sys
from graphlib import TopologicalSorter

import pytest
from support import ROOT, older_pythons

from auditor.catalogue import catalogue

CHECKS = ROOT / "checks"
VENDORED = CHECKS / "_vendored"
EVERY_SOURCE = sorted(CHECKS.rglob("*.py"))
SOURCES = [path for path in EVERY_SOURCE if VENDORED not in path.parents]
"""Our own files: the style of other projects' libraries is theirs."""
FRAMEWORKS = {"torch", "tensorflow", "jax", "jaxlib", "keras", "numpy"}
"""What may be imported inside functions: the frameworks, and NumPy, which each of them brings."""
RELATED = {
    "torch": {"torch", "numpy"},
    "tensorflow": {"tensorflow", "keras", "numpy"},
    "jax": {"jax", "jaxlib", "numpy"},
    "keras": {"keras", "numpy"},
    "flax": {"flax", "jax", "optax", "numpy"},
    "haiku": {"haiku", "jax", "optax", "numpy"},
    "transformers": {"transformers", "torch", "numpy"},
    "onnxruntime": {"onnxruntime", "onnx", "numpy"},
    "recorders": {*FRAMEWORKS, "h5py", "tensorstore"},
}


def imports(tree, *, top_level):
    """Names of the modules imported at the top level, or anywhere."""
    nodes = tree.body if top_level else ast.walk(tree)
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(CHECKS)))
def test_the_payload_imports_only_what_it_may(path):
    """Standard library at the top; the folder's own framework inside functions; never the host."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    folder = path.relative_to(CHECKS).parts[0]
    allowed = RELATED.get(folder, FRAMEWORKS) | set(sys.stdlib_module_names)

    assert imports(tree, top_level=True) <= set(sys.stdlib_module_names)
    assert imports(tree, top_level=False) <= allowed


@pytest.mark.parametrize("path", EVERY_SOURCE, ids=lambda path: str(path.relative_to(CHECKS)))
def test_the_payload_parses_at_python_3_8(path):
    """The door, the facts and the Python-level checks run on 3.8; one syntax for all is simpler than two."""
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))


def module_name(path):
    """A file's name below the package, the empty tuple for the package itself."""
    parts = path.relative_to(CHECKS).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


def relative_imports(path):
    """Every name that a file imports relatively, at its top or in a function, as its path below the package."""
    package = module_name(path) if path.name == "__init__.py" else module_name(path)[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            module = (*package[: len(package) + 1 - node.level], *(node.module.split(".") if node.module else ()))
            yield from ((*module, name.name) for name in node.names)


def import_graph(paths):
    """Module to the modules that it imports; a name that is no module stands for the module it is taken from."""
    modules = {module_name(path) for path in paths}
    return {
        module_name(path): {name if name in modules else name[:-1] for name in relative_imports(path)} & modules
        for path in paths
    }


def test_the_payload_has_no_circle_of_imports():
    """A circle works only until someone imports its modules in another order."""
    graph = import_graph(SOURCES)

    assert ("torch", "_gradients") in graph["torch", "_operators_nn"]
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


@pytest.mark.parametrize("python", older_pythons())
def test_the_whole_catalogue_lists_on_every_python(python, tmp_path):
    """Every check and fact file imports on the oldest and the newest Python without any framework."""
    request, reply = tmp_path / "request.json", tmp_path / "reply.jsonl"
    request.write_text("{}")
    subprocess.run([python, "-B", CHECKS / "__main__.py", "list", request, reply], check=True, capture_output=True)
    lines = reply.read_text().splitlines()

    assert [line for line in lines if '"tag": "error"' in line] == []
    assert len(lines) == 1 + len(catalogue.load().checks) + len(catalogue.load().groups)


def test_ids_never_change():
    """Users, CI jobs and published manifests name them: an id may be added to the golden list, never leave it."""
    golden = (ROOT / "tests" / "golden" / "ids.txt").read_text().split()

    assert sorted(check.id for check in catalogue.load().checks) == golden


@pytest.mark.parametrize("check", catalogue.load().checks, ids=lambda check: check.id)
def test_every_check_has_its_text_of_record(check):
    """A claim in one sentence, why it matters, and what cures it."""
    assert check.title.endswith(".")
    assert "\n" not in check.title
    assert len(check.why) > 40
    assert len(check.remedy) > 20


def test_fact_keys_are_unique():
    """Two files that answered one key would hide each other."""
    keys = [key for group in catalogue.load().groups for key in group.keys]

    assert len(keys) == len(set(keys))


def test_fact_keys_are_flat_and_have_a_role():
    """Stable dotted keys, each with its role and its meaning."""
    for group in catalogue.load().groups:
        for key, declared in group.keys.items():
            assert key == key.strip(". "), key
            assert " " not in key, key
            assert declared["role"] in ("software", "machine", "volatile", "identity"), key
            assert declared["meaning"], key


def test_the_source_folder_of_torch_checks_is_never_taken_for_torch(tmp_path):
    """Started through a symlink, from inside the folder, with an empty PYTHONPATH entry."""
    link = tmp_path / "linked"
    link.symlink_to(CHECKS)
    request, reply = tmp_path / "request.json", tmp_path / "reply.jsonl"
    request.write_text('{"framework": "torch", "steps": [{"check": "torch-same-seed"}]}')
    subprocess.run(
        [sys.executable, "-B", link / "__main__.py", "measure", request, reply],
        check=True,
        capture_output=True,
        cwd=CHECKS,
        env={"PYTHONPATH": f":{link}", "PATH": "/usr/bin"},
    )

    assert "torch is not installed" in reply.read_text()


def test_nothing_is_written_beside_the_payload(tmp_path):
    """The door runs with -B: a read-only or shared installation stays as it was."""
    copy = tmp_path / "checks"
    shutil.copytree(CHECKS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    before = sorted(copy.rglob("*"))
    request, reply = tmp_path / "request.json", tmp_path / "reply.jsonl"
    request.write_text('{"steps": [{"check": "python-hash-seed"}]}')
    subprocess.run([sys.executable, "-B", copy / "__main__.py", "measure", request, reply], check=True)

    assert sorted(copy.rglob("*")) == before
