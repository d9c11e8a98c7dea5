"""
Finds inputs for TensorFlow's raw operators and writes them as the seeds that `tensorflow-every-operator` replays.

Run it by hand for a new release, with an interpreter that has TensorFlow (about five minutes on two cores; the same
release gives the same file):

    .venv-audited/bin/python -B tools/search_raw_ops.py [OUTPUT.json] [OPERATOR ...]

(If operators are named, only these are searched again; the others keep their entries.)

Candidates come from each operator's own signature (types, numbers and attributes of its op_def) and from the hints
beside this file. They run in forked workers with a watchdog, since some abort the process and some hang. Inputs that
run are then varied: every dtype, odd sizes, and an empty side, because operators leave outputs unwritten for empty
batches. Only samples with an output of at most 64 KiB are kept. Operators without inputs are listed at the end, and
counted in the file.
"""
# It runs in the audited environment with the payload, so the payload's rules for types, imports and formats apply;
# zip without `strict`, because a worker's answers may end early:
# ruff: noqa: ANN001, ANN201, ANN202, ANN204, UP031, PLC0415, B905

from __future__ import annotations

import inspect
import json
import os
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import search_raw_guess as guess  # noqa: E402 - beside this file, once its folder is on the path
import search_raw_hints as hints  # noqa: E402 - as above

from checks.tensorflow import _raw, _raw_worker  # noqa: E402 - as above

WORKERS, TRIES, KEPT = 2, 1500, 6
"""Processes; candidates per operator; how many that work are looked at before the two best are varied."""
LIMIT_SECONDS, OPERATOR_SECONDS = 6.0, 30.0
"""For one candidate in a worker of its own, and for all of one operator's in a shared one."""
MOST_BYTES, MOST_VALUES, MOST_DEATHS = 65536, 20000, 3
"""Of outputs; in one input; candidates that may kill before an operator is given up."""
MOST_MEMORY_BYTES = 12 << 30


def main(arguments):
    """Search, vary, write; returns the exit code."""
    import tensorflow as tf

    output = Path(arguments[0]) if arguments else Path(_raw.SEEDS)
    wanted = set(arguments[1:])
    definitions = {name: it for name, it in _definitions(tf).items() if not wanted or name in wanted}
    sys.stderr.write("%d operators\n" % len(definitions))
    started = time.monotonic()
    found = {}
    # Forked before any runtime starts; each searches every WORKERS-th operator.
    children = [_Child(tf, sorted(definitions.items())[number::WORKERS]) for number in range(WORKERS)]
    with ThreadPoolExecutor(WORKERS) as pool:
        for part in pool.map(_Child.result, children):
            found.update(part)
    entries = {name: it for name, it in found.items() if it["dtypes"]}
    none = sorted(set(definitions) - set(entries))
    told = (len(entries), time.monotonic() - started, len(none), " ".join(none))
    sys.stderr.write("%d found in %.0f s; none for %d: %s\n" % told)
    kept = _raw.seeds()["operators"] if wanted else {}
    output.write_text(_text(tf, {**kept, **entries}), encoding="utf-8")
    return 0


def _text(tf, entries):
    """One line for each operator, so that a new release's file can be compared with the old one."""
    lines = [
        "%s: %s" % (json.dumps(name), json.dumps(it, separators=(",", ":"))) for name, it in sorted(entries.items())
    ]
    head = {"tensorflow": tf.__version__, "candidates": len(_definitions(tf))}
    return json.dumps(head)[:-1] + ', "operators": {\n' + ",\n".join(lines) + "\n}}\n"


class _Child:
    """A forked process that searches a share of the operators; it forks its own workers."""

    def __init__(self, tf, share):
        self._readable, writable = os.pipe()
        if os.fork() == 0:
            os.close(self._readable)
            found = _search_all(tf, share)
            with os.fdopen(writable, "w") as stream:
                json.dump(found, stream)
            os._exit(0)
        os.close(writable)

    def result(self):
        with os.fdopen(self._readable) as stream:
            return json.load(stream)


def _definitions(tf):
    """Names and op_defs of raw operators with a CPU kernel and only tensors of numbers in and out."""
    from tensorflow.python.framework import kernels, op_def_registry

    on_cpu = {kernel.op for kernel in kernels.get_all_registered_kernels().kernel if kernel.device_type == "CPU"}
    found = {}
    for name in dir(tf.raw_ops):
        definition = op_def_registry.get(name)
        if (
            definition is None
            or 0 < definition.deprecation.version <= tf.version.GRAPH_DEF_VERSION
            or name not in on_cpu
            or name in hints.LEFT_OUT
            or name.startswith("_")
        ):
            continue
        ends = [*definition.input_arg, *definition.output_arg]
        strange = any(tf.as_dtype(it.type).name in hints.STRANGE for it in ends if it.type) or any(
            it.is_ref for it in ends
        )
        if not strange and not any(attr.type in ("func", "list(func)") for attr in definition.attr):
            found[name] = definition
    return found


def _search_all(tf, share):
    """Entries of a share of the operators; one that takes a worker down is searched again, a worker per candidate."""

    def quickly(pair):
        return _search(tf, *pair, lambda candidates: (_try(tf, pair[0], it) for it in candidates))

    def carefully(pair):
        return _search(
            tf,
            *pair,
            lambda candidates: _raw_worker.survive(candidates, lambda it: _try(tf, pair[0], it), LIMIT_SECONDS),
        )

    found = {}
    for pair, answer in zip(share, _raw_worker.survive(share, quickly, OPERATOR_SECONDS)):
        if isinstance(answer, str):
            sys.stderr.write("%s took its worker down: %s\n" % (pair[0], answer))
        found[pair[0]] = carefully(pair) if isinstance(answer, str) else answer
    return found


def _search(tf, name, definition, answers):
    """The entry of one operator: samples, the type attribute they are replayed for, and which work for which dtype."""
    draws = random.Random(name)
    names = _argument_names(tf, name, definition)
    given = hints.given(name)
    guesses = 0 if name in (*hints.GIVEN_ONLY, *hints.EXACT) else TRIES
    candidates = [*given, *(guess.candidate(tf, definition, names, draws) for _ in range(guesses))]
    working = _working(candidates, answers, KEPT + len(given))
    placeholder = guess.placeholder_of(tf, definition)
    generic = []
    for sample, _ in sorted(working, key=lambda pair: -pair[1]["score"])[:2]:
        for varied in guess.varied(sample, name):
            if (general := guess.generic(varied, definition, names, placeholder)) not in generic:
                generic.append(general)
    entry = {"for": placeholder or "", "samples": [], "dtypes": {}}
    for dtype in hints.DTYPES_OF.get(name) or guess.dtypes_of(tf, definition, placeholder) if generic else ():
        tried = entry["samples"] or generic  # what the first dtype has kept is enough for the others
        most = (1, 1) if entry["samples"] else (3, 2)
        _keep(entry, dtype, tried, list(answers([_raw.bound(it, placeholder, dtype) for it in tried])), most)
    return entry


def _argument_names(tf, name, definition):
    """The op_def's names of inputs and attributes to those of the Python function: some are called otherwise there."""
    function = inspect.signature(getattr(tf.raw_ops, name)).parameters
    inferred = {arg.type_attr for arg in definition.input_arg} | {arg.number_attr for arg in definition.input_arg}
    inferred |= {arg.type_list_attr for arg in definition.input_arg}
    own = [arg.name for arg in definition.input_arg] + [it.name for it in definition.attr if it.name not in inferred]
    others = iter([it for it in function if it not in own and it != "name"])
    return {it: it if it in function else next(others, it) for it in own}


def _keep(entry, dtype, generic, answers, most):
    """Add samples for a dtype: at most so many without and with an empty side; of distinct outputs only."""
    kept, seen = [], set()
    for sample, answer in zip(generic, answers):
        if not isinstance(answer, dict) or answer["digest"] in seen or not answer["score"]:
            continue
        empty = any(0 in _raw.parsed(it)[1] for it in guess.descriptions(sample))
        if [was_empty for _, was_empty in kept].count(empty) < most[empty]:
            seen.add(answer["digest"])
            kept.append((sample, empty))
    for sample, _ in kept:
        if sample not in entry["samples"]:
            entry["samples"].append(sample)
        entry["dtypes"].setdefault(dtype, []).append(entry["samples"].index(sample))


def _working(candidates, answers, most):
    """Pairs of a candidate and what it gave, of those that work; gives up after a few that kill."""
    working, deaths = [], 0
    for candidate, answer in zip(candidates, answers(candidates)):
        if isinstance(answer, dict) and answer["score"] > 0:
            working.append((candidate, answer))
        deaths += isinstance(answer, str)
        if len(working) >= most or deaths >= MOST_DEATHS:
            break
    return working


_WORKER = {}


def _try(tf, name, arguments):
    _limit_memory()
    if any(guess.count_of(_raw.parsed(it)[1]) > MOST_VALUES for it in guess.descriptions(arguments)):
        return None
    try:
        with tf.device("/CPU:0"):
            outputs = _raw.call(tf, name, arguments)
            made = [tensor.numpy() for tensor in outputs]
    except Exception:  # noqa: BLE001 - any refusal means the same: not this way
        return None
    size = sum(array.nbytes for array in made)
    if size > MOST_BYTES:
        return None
    values = len({value.tobytes() for array in made for value in array.reshape(-1)[:200]})
    finite = all(
        tf.as_dtype(t.dtype).is_floating is False or bool((a.astype("float64") == a.astype("float64")).all())
        for t, a in zip(outputs, made)
    )
    sides = len({side for it in guess.descriptions(arguments) for side in _raw.parsed(it)[1]})
    return {"digest": _raw.digest(outputs), "score": min(values, 30) + 20 * finite + 3 * sides if size else 0}


def _limit_memory():
    if not _WORKER:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        _WORKER["limited"] = True


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
