"""
Each raw operator of TensorFlow gives the same, up to rounding, in `tf.function`, under XLA, and alone or in a batch.

Why: a compiler replaces an operator's kernel by its own, and a batch chooses another kernel or another split of a sum.
That may round otherwise but must not compute something else (tensorflow#117142: the absolute value of a product left
negative; #120996; jax#8022: 1 against 0). Of each operator with found inputs one sample is computed eagerly and
compiled, each compared with float64; of those that work row by row, a batch is compared with its rows one by one.
Operators that draw are left out, since XLA draws by another generator, and so are factorisations whose signs are free.

Remedy: the finding names the way (`function`, `xla`, `batch`), operator and dtype. Run that part without
`jit_compile=True`, or by other operators; report it to TensorFlow with the call.
"""

from __future__ import annotations

from ..declare import Check
from . import _raw, _raw_compiled, _raw_ways, _raw_worker, _state

CHECK = Check(
    severity="critical",
    tier="full",
    rule="within",
    isolates=True,
)
LIMIT_SECONDS = 60.0
"""Without an answer for this long, a compiler hangs: the longest takes 2 s."""


def measure(settings):
    """Agreement of one sample of each operator: `function:`, `xla:` and `batch:` against eager."""
    import tensorflow as tf

    wanted = {name.partition(":")[2].partition(" #")[0] for name in settings.get("names", ())}
    items = sorted(_raw_ways.cases(_raw.seeds()["operators"], wanted).items())

    def work(item):
        with tf.device("/CPU:0"):
            return _raw_compiled.readings(tf, *item)

    reading, refused = {}, []
    with _state.seeded(117142):
        # As in every_operator.py: forked workers, unless a set-up file has started the runtime already.
        alive = _state.initialised()
        answers = map(work, items) if alive else _raw_worker.survive(items, work, LIMIT_SECONDS)
        for (key, _), answer in zip(items, answers):
            if isinstance(answer, str):
                reading["xla:" + key] = {"died": answer}  # which `within` takes for a difference beyond rounding
                continue
            reading.update(answer["readings"])
            refused += answer["refused"]
    return dict(reading, conditions={"not compiled": sorted(refused)})
