"""Whether thread counts that are set before TensorFlow's runtime starts take effect; read in a fork that starts one."""

from __future__ import annotations

import contextlib
import functools
import os
import select
import signal
import traceback
import warnings

from . import _state

OWN_THREADS = "/proc/self/task"
"""Where Linux lists the threads of this process; elsewhere their number is not measured."""
SECONDS = 60.0
"""A fork takes 0.2 s on 2 cores; one that takes so long hangs."""


@functools.lru_cache(maxsize=None)
def as_many_as_asked_for():
    """
    Whether a runtime starts as many threads as asked for; None where that cannot be measured.

    It cannot where the runtime runs already, or where a set-up file or the environment has chosen the counts. The fork
    starts the runtime, so that this process keeps an untouched one. Raises RuntimeError if the fork gives no answer.
    """
    import tensorflow as tf

    chosen = tf.config.threading.get_intra_op_parallelism_threads() or _state.THREADS_VARIABLE in os.environ
    if chosen or _state.initialised() or not os.path.isdir(OWN_THREADS):
        return None
    within, between = _state.processors() + 2, _state.processors() + 4
    # By default TensorFlow starts one thread of each kind for every processor, and one more. If it ignored a count,
    # there would be fewer threads than the sum.
    return _started(tf, within, between) >= within + between


def _started(tf, within, between):
    """How many threads a runtime with these counts starts."""
    reads, writes = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 on forks beside threads; NumPy's pool idles
        child = os.fork()
    if child == 0:
        try:
            os.write(writes, b"%d" % _start(tf, within, between))
        except BaseException:  # told on stderr, and by the missing answer: nothing of a fork may reach its caller
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(writes)
    with contextlib.closing(os.fdopen(reads, "rb")) as answer:
        told = answer.read() if select.select([reads], [], [], SECONDS)[0] else b""
    if not told:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    if not told:
        raise RuntimeError("a fork that starts TensorFlow's runtime gave no answer, so its threads were not counted")
    return int(told)


def _start(tf, within, between):
    """Start the runtime in this process, which is a fork: the number of new threads."""
    tf.config.set_visible_devices([], "GPU")  # CUDA does not survive a fork
    tf.config.threading.set_intra_op_parallelism_threads(within)
    tf.config.threading.set_inter_op_parallelism_threads(between)
    before = len(os.listdir(OWN_THREADS))
    tf.zeros([1]) + 1.0
    return len(os.listdir(OWN_THREADS)) - before
