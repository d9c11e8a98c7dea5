"""Experiments of torch eager: workers, ranks, pools, resumed training, reads; clean ones and planted faults."""

import socket
import subprocess

import pytest
from support import AUDITED
from test_session import EXPERIMENTS, guilty_line

from auditor.replay.alignment import first_differences
from auditor.replay.provenance.origin import find
from auditor.replay.runs.run import Setup, run
from auditor.replay.session import ReplayOptions, Session
from auditor.replay.trace.archive import TaskKey, open_folder
from auditor.replay.trace.format import BACKWARD, IN, OP, READ, SEED

pytestmark = pytest.mark.frameworks
SEEDED = ("torch_clean", "torch_loader_clean", "torch_pool_clean", "clean_python", "crash")
"""Scripts whose output is the same each time, by construction."""
NOT_ALONE = ("torch_ranks", "torch_collectives")
MAIN = TaskKey("main", 0)


def command(name, *arguments):
    """The command that runs an experiment."""
    return [AUDITED, str(EXPERIMENTS / f"{name}.py"), *arguments]


def replayed(given, scratch, **options):
    """The result of replaying a command."""
    return Session(ReplayOptions(given, scratch / "runs", show=False, **options), str).run()


def recorded(folder, text, tier="detail"):
    """A text run as a script under the recorder: its run and its trace."""
    script = folder / "script.py"
    script.write_text(text)
    seen = run([AUDITED, str(script)], Setup(folder / f"run-{tier}", tier=tier, show=False))
    return seen, open_folder(seen.folder)


def free_port():
    """A port that nobody uses now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def _tier(name):
    """Loaders, pools and processes of its own in CI; each other script before a release."""
    return pytest.mark.slow if name in {"torch_loader_clean", "torch_pool_clean"} else pytest.mark.exhaustive


@pytest.mark.parametrize(
    "name",
    [
        name if name in {"torch_clean", "clean_python", "crash"} else pytest.param(name, marks=_tier(name))
        for name in sorted(
            {path.stem for path in EXPERIMENTS.glob("torch_*.py")} - set(NOT_ALONE) | {"clean_python", "crash"}
        )
    ],
)
def test_a_recorded_script_behaves_as_it_does_alone(tmp_path, name):
    """Its exit code; and what it prints, where that is the same each time."""
    alone = subprocess.run(command(name), capture_output=True, check=False)
    seen = run(command(name), Setup(tmp_path / "run", tier="detail", show=False))

    assert (alone.returncode, ()) == (seen.exit_code, seen.problems)
    if name in SEEDED:
        assert alone.stdout == seen.stdout.path.read_bytes()


LSTM = """
import torch
torch.manual_seed(0)
model = torch.nn.LSTM(8, 16, batch_first=True)
head = torch.nn.Linear(16, 1)
optimizer = torch.optim.SGD([*model.parameters(), *head.parameters()], 0.1)
for step in range(2):
    outputs, _ = model(torch.randn(2, 5, 8))
    loss = head(outputs).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss.item())
"""
CTC = """
import torch
torch.manual_seed(0)
scores = torch.randn(6, 2, 5, requires_grad=True)
lengths = torch.tensor([6, 3]), torch.tensor([3, 1])
loss = torch.nn.functional.ctc_loss(scores.log_softmax(2), torch.tensor([[1, 2, 3], [4, 0, 0]]), *lengths)
loss.backward()
print(loss.item(), scores.grad.sum().item())
"""
EMPTY = "import torch\nprint(torch.empty(5000).sigmoid().sum().item())\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tier", "text", "differs"),
    [
        ("base", LSTM, False),
        pytest.param("detail", LSTM, False, marks=pytest.mark.exhaustive),
        pytest.param("base", CTC, False, marks=pytest.mark.exhaustive),
        ("detail", CTC, False),
        ("base", EMPTY, True),
    ],
)
def test_memory_that_is_kept_for_the_backward_pass_is_no_result(tmp_path, tier, text, differs):
    """Under two fills of fresh memory nothing that counts differs; what a program reads of it does."""
    script = tmp_path / "script.py"
    script.write_text(text)
    traces = []
    for fill in ("85", "170"):
        setup = Setup(tmp_path / fill, settings={"memory-fill": fill}, tier=tier, show=False)
        traces.append(open_folder(run([AUDITED, str(script)], setup).folder))
    compared = first_differences.compare(*traces)

    assert not compared.problems
    assert differs == bool(compared.differences)


@pytest.mark.parametrize(("given", "seeds"), [("torch.manual_seed(3)", ["torch.manual_seed"]), ("", [])])
@pytest.mark.slow
def test_a_seed_is_seen_where_the_compiler_has_wrapped_the_function(tmp_path, given, seeds):
    """Importing `torch._dynamo` does that, and torchvision, Lightning and transformers import it."""
    _, trace = recorded(tmp_path, f"import torch, torch._dynamo\n{given}\nprint(torch.randn(3))\n", tier="base")
    stream = trace.streams[MAIN]

    assert seeds == [stream.name_of(one) for one in stream.records() if one.kind == SEED]


@pytest.mark.slow
@pytest.mark.parametrize(
    "given",
    [
        ["torch_loader_clean", "fork"],
        pytest.param(["torch_loader_clean", "spawn"], marks=pytest.mark.exhaustive),
        pytest.param(["torch_pool_clean"], marks=pytest.mark.exhaustive),
    ],
)
def test_workers_and_pools_of_a_clean_program_are_identical(tmp_path, given):
    """Seeded workers, forked and spawned, and threads that take tasks in any order."""
    result = replayed(command(*given), tmp_path)

    assert ("identical", []) == (result.verdict, result.problems)
    assert result.ops > 50


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "operation", "cause", "proven"),
    [
        pytest.param(
            "torch_loader_unseeded",
            "numpy.random.default_rng",
            "unseeded-random",
            True,
            marks=pytest.mark.exhaustive,
        ),
        pytest.param("torch_resume", "aten::bernoulli_.float", "unseeded-random", True, marks=pytest.mark.exhaustive),
        ("torch_uninitialised", "aten::empty.memory_format", "uninitialised-memory", False),
        pytest.param("torch_unread", "aten::randn", "unseeded-random", True, marks=pytest.mark.exhaustive),
        pytest.param(
            "torch_own_generator", "aten::randn.generator", "unseeded-random", True, marks=pytest.mark.exhaustive
        ),
        pytest.param("torch_label_set", "aten::lift_fresh", "hash-order", True, marks=pytest.mark.exhaustive),
        pytest.param(
            "torch_parameter_set", "aten::linalg_vector_norm", "address-order", True, marks=pytest.mark.exhaustive
        ),
    ],
)
def test_the_guilty_line_its_cause_and_its_cure_are_named(tmp_path, name, operation, cause, proven):
    """
    A fill of fresh memory proves that it was read unwritten; it hides the fault, and is no proven cure.

    What a statement of Python's ordered is named by that statement, and not by where torch received it.
    """
    result = replayed(command(name), tmp_path)
    found = result.divergence

    assert ("diverged", cause, proven) == (result.verdict, found.cause, result.remedy.proven)
    assert (operation, guilty_line(name)) == (found.op, found.source.line)


@pytest.mark.slow
@pytest.mark.exhaustive
def test_the_rank_where_it_began_is_named(tmp_path):
    """Rank 1 draws unseeded; rank 0, which prints, has only received that."""
    launcher = [AUDITED, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-port", str(free_port())]
    result = replayed([*launcher, str(EXPERIMENTS / "torch_ranks.py")], tmp_path)
    found = result.divergence

    assert ("diverged", "unseeded-random", True) == (result.verdict, found.cause, result.remedy.proven)
    assert (1, "aten::randn", guilty_line("torch_ranks")) == (found.rank, found.op, found.source.line)
    assert ["main.0"] == found.received


@pytest.mark.slow
@pytest.mark.exhaustive
def test_a_rare_event_proves_nothing_false(tmp_path):
    """One run in ten goes another way, the first of all among them: no factor may get the credit for the other nine."""
    result = replayed(command("torch_rare", str(tmp_path / "runs.txt")), tmp_path)

    assert result.remedy is None or not result.remedy.proven
    assert result.divergence is None or result.divergence.cause == "unknown"


@pytest.mark.slow
def test_junk_that_nobody_reads_is_not_the_origin(tmp_path):
    """A value made of fresh memory differs first; what is read is a draw."""
    first, second = (run(command("torch_unread"), Setup(tmp_path / name, tier="detail", show=False)) for name in "ab")
    with open_folder(first.folder) as one, open_folder(second.folder) as other:
        found = find(one, other).origin

    assert ("draw-unseeded", "aten::randn", guilty_line("torch_unread")) == (
        found.evidence,
        found.name,
        found.source.line,
    )
    assert ("read", "torch.Tensor.numpy") == (found.reach.kind, found.reach.name)


READS = """
import io, pickle
import numpy
import torch

tensor = torch.arange(6.0)
tensor.numpy()
tensor[::2].tolist()
numpy.asarray(tensor)
file = io.BytesIO()
torch.save({"weights": [tensor, torch.ones(2)], "step": 3}, file)
file.seek(0)
assert torch.load(file)["weights"][0].tolist() == [0, 1, 2, 3, 4, 5]
assert pickle.loads(pickle.dumps(torch.Tensor.numpy)) is torch.Tensor.numpy
try:
    torch.ones(1, requires_grad=True).numpy()
except RuntimeError as problem:
    assert "detach" in str(problem)
"""


def test_what_the_program_reads_is_recorded_with_what_wrote_it(tmp_path):
    """Each read once, a read inside a read not; saving reads each tensor."""
    seen, trace = recorded(tmp_path, READS)
    with trace:
        stream = trace.streams[MAIN]
        records = list(stream.records())
        reads = [stream.name_of(one) for one in records if one.kind == READ]
        saved = next(place for place, one in enumerate(records) if stream.name_of(one) == "torch.save")

    assert (0, []) == (seen.exit_code, trace.problems)
    names = ["numpy", "tolist", "__array__"]
    assert [*(f"torch.Tensor.{name}" for name in names), "torch.save", "torch.Tensor.tolist"] == reads
    assert [IN, IN] == [one.kind for one in records[saved + 1 : saved + 3]]
    assert None not in [one.writer for one in records[saved + 1 : saved + 3]]


MODULES = """
import torch

torch.manual_seed(0)
layer = torch.nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
model = torch.nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
loss = model(torch.randn(2, 3, 8)).sum()
loss.backward()
batch = torch.nn.BatchNorm1d(3)
batch(torch.randn(4, 3))
print(loss.item())
"""


def test_the_module_at_work_is_told_by_its_path(tmp_path):
    """As the model names it; the outermost module by its class, and nothing outside of it."""
    _, trace = recorded(tmp_path, MODULES)
    with trace:
        stream = trace.streams[MAIN]
        paths = {stream.module_of(one) for one in stream.records() if one.kind == OP}

    assert {"layers.0.linear1", "layers.1.self_attn", "layers.1.norm2", "BatchNorm1d", ""} <= paths
    assert not [path for path in paths if path.startswith("layers.2")]


IN_BACKWARD = """
import torch

class Scaled(torch.nn.Module):
    def forward(self, x):
        with torch.no_grad():
            self.largest = x.abs().max()
        return x.exp()

torch.manual_seed(0)
weight = torch.randn(4, 3, requires_grad=True)
model = torch.nn.ModuleDict({"head": torch.nn.Linear(3, 2), "scaled": Scaled()})
model.forward = lambda x: model["scaled"](model["head"](x).tanh())
loss = model(weight.sin()).sum()
loss.backward()
print(loss.item())
"""


def test_the_backward_of_an_operation_belongs_to_its_module(tmp_path):
    """By autograd's numbers: none for what ran outside, and what has no gradient takes nobody's."""
    _, trace = recorded(tmp_path, IN_BACKWARD)
    with trace:
        stream = trace.streams[MAIN]
        backward = [one for one in stream.records() if one.kind == OP and one.flags & BACKWARD]
        paths = {stream.name_of(one): stream.module_of(one) for one in backward}

    assert "head" == paths["aten::mm"]
    assert "ModuleDict" == paths["aten::tanh_backward"]
    assert "" == paths["aten::cos"]


@pytest.mark.slow
def test_both_tiers_see_the_same_operations(tmp_path):
    """Names, lines and digests, one by one; two runs of one tier are the same bytes."""
    traces = [recorded(tmp_path, MODULES, tier)[1] for tier in ("base", "detail")]
    seen = [
        [
            (stream.name_of(one), stream.source(one).line, one.flags, stream.meta_of(one), one.digest)
            for one in stream.records()
            if one.kind == OP
        ]
        for stream in (trace.streams[MAIN] for trace in traces)
    ]

    assert len(seen[0]) > 100
    assert seen[0] == seen[1]


HARD = """
import torch
from torch.utils._python_dispatch import TorchDispatchMode

class Logged(torch.Tensor):
    seen = []
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        cls.seen.append(getattr(function, "__name__", "?"))
        return super().__torch_function__(function, types, args, kwargs or {})

class Counting(TorchDispatchMode):
    count = 0
    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        Counting.count += 1
        return function(*args, **(kwargs or {}))

torch.manual_seed(0)
logged = torch.ones(3).as_subclass(Logged)
logged.add_(1).tolist()
with Counting():
    torch.ones(2, 3).t().tolist()
sparse = torch.eye(3).to_sparse()
print(Logged.seen, Counting.count, (sparse @ torch.ones(3, 1)).sum().item(), sparse.to_sparse_csr().sum().item())
emptied = torch.ones(8)
emptied.untyped_storage().resize_(0)
torch.nn.Parameter(emptied).detach()
z = torch.tensor([1 + 2j, 3j]).conj()
nested = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])
print((z.imag * 2).tolist(), nested.sum(1, keepdim=True).unbind()[1].item())
print(torch.vmap(lambda x: x * 2)(torch.ones(2, 2)).sum().item(), torch.empty(2, device="meta").add(1).device)
print(torch.cond(torch.tensor(True), lambda x: x + 1, lambda x: x - 1, (torch.ones(2),)).sum().item())
print(torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.quint8).dequantize().sum().item())
"""


@pytest.mark.slow
@pytest.mark.parametrize("tier", ["base", pytest.param("detail", marks=pytest.mark.exhaustive)])
def test_unusual_tensors_are_recorded_without_a_trace_in_the_program(tmp_path, tier):
    """Subclasses, other modes, sparse, emptied, conjugate, nested and meta tensors, operators that take functions."""
    seen, trace = recorded(tmp_path, HARD, tier)
    alone = subprocess.run([AUDITED, str(tmp_path / "script.py")], capture_output=True, check=True)

    assert (0, []) == (seen.exit_code, trace.problems)
    assert alone.stdout == seen.stdout.path.read_bytes()


def test_a_forked_child_does_not_name_its_parents_records(tmp_path):
    """What the parent wrote came into the child from outside."""
    text = (
        "import os, torch\nones = torch.ones(3)\nchild = os.fork()\nif child == 0:\n    (ones + 1).sum().item()\n"
        "    raise SystemExit(0)\nos.waitpid(child, 0)\n"
    )
    _, trace = recorded(tmp_path, text)
    with trace:
        child = trace.streams[TaskKey("main.0", 0)]
        inputs = [one for one in child.records() if one.kind == IN]

    assert [None, True] == [inputs[0].writer, inputs[1].writer is not None]
