"""
Evaluates the equations of one call into XLA one by one, on the inputs of the call, before the call runs.

Each equation becomes a record `zoom:PRIMITIVE` with its inputs and the user's line that JAX keeps with it. The
equations are evaluated several times, since a race shows only in some. Callbacks run in the first pass only; later
passes use their results again.
"""

from __future__ import annotations

from ..trace.format import OP, UNKNOWN_SITE, ZOOM
from ..trace.sites import site_of
from .arrays import is_array

PASSES = 3
MOST_EQUATIONS = 20_000
"""Limit for all passes together; a record marks where it was reached."""
CALLS = ("jit", "pjit", "closed_call", "core_call", "checkpoint", "remote", "custom_jvp_call", "custom_vjp_call")
CALLBACKS = ("pure_callback", "io_callback")
PRINTS = ("debug_callback", "debug_print")
"""They have no outputs, and the call itself prints, so they are skipped."""


class Enough(Exception):
    """The limit of evaluated equations was reached."""


class Zoom:
    """Waits for the call that the request names: the one of this name and number in this task."""

    def __init__(self, recorder, place):
        self._recorder, self._place = recorder, place
        self._seen = 0
        self._done = False

    def consider(self, launch, args):
        """Evaluate the equations if this is the requested call."""
        recorder, place = self._recorder, self._place
        try:
            here = launch.task.ordinal == place["ordinal"] and recorder.process.lineage == place["lineage"]
            if self._done or not here or launch.label != place["name"]:
                return
            self._seen += 1
            if self._seen - 1 != place["count"] or launch.jaxpr is None or launch.references:
                return  # a call that writes to a reference cannot be repeated
            self._done = True
            with recorder.launches.silence(), recorder.launches.under_way(launch):
                Evaluation(recorder).passes(launch.jaxpr, args)
            launch.called_back.clear()
        except Exception as problem:
            recorder.process.problem(problem)


class Evaluation:
    """Evaluates a jaxpr and those of the calls, loops and branches inside it."""

    def __init__(self, recorder):
        self._recorder = recorder
        self._count = 0
        self._kept, self._place = [], 0
        """Results of the callbacks in the first pass, and the index of the next one to use again."""

    def passes(self, jaxpr, args):
        """Evaluate every pass, up to the limit of equations."""
        try:
            for number in range(PASSES):
                self._place = 0
                self._mark("pass-%d" % number)
                self._run(jaxpr.jaxpr, jaxpr.consts, args, first=number == 0)
        except Enough:
            self._mark("stopped")

    def _mark(self, name):
        self._recorder.write(OP, ZOOM + name, UNKNOWN_SITE, [], 0)

    def _run(self, jaxpr, consts, args, first):
        values = dict(zip((*jaxpr.constvars, *jaxpr.invars), (*consts, *args)))

        def read(atom):
            return atom.val if hasattr(atom, "val") else values[atom]

        for equation in jaxpr.eqns:
            outputs = self._evaluated(equation, [read(atom) for atom in equation.invars], first)
            values.update(zip(equation.outvars, outputs))
        return [read(atom) for atom in jaxpr.outvars]

    def _evaluated(self, equation, inputs, first):
        name, parameters = equation.primitive.name, equation.params
        inner = parameters.get("jaxpr") or parameters.get("call_jaxpr")
        if name in CALLS and inner is not None:
            return self._run(*_opened(inner), inputs, first)
        if name == "cond":
            return self._run(*_opened(parameters["branches"][int(inputs[0])]), inputs[1:], first)
        if name == "while":
            return self._while(parameters, inputs, first)
        if name == "scan":
            return self._scan(parameters, inputs, first)
        if name in PRINTS:
            return []
        self._count += 1
        if self._count > MOST_EQUATIONS:
            raise Enough
        outputs = self._once(equation, inputs) if first or name not in CALLBACKS else self._again()
        self._write(equation, inputs, outputs)
        return outputs

    def _once(self, equation, inputs):
        primitive = equation.primitive
        given = primitive.get_bind_params(equation.params)
        functions, parameters = given if isinstance(given, tuple) else ((), given)  # older releases return a pair
        outputs = primitive.bind(*functions, *inputs, **parameters)
        outputs = list(outputs) if primitive.multiple_results else [outputs]
        if primitive.name in CALLBACKS:
            self._kept.append(outputs)
        return outputs

    def _again(self):
        self._place += 1
        return self._kept[self._place - 1]

    def _while(self, parameters, inputs, first):
        tested, done = parameters["cond_nconsts"], parameters["body_nconsts"]
        of_test, of_body, carry = inputs[:tested], inputs[tested : tested + done], inputs[tested + done :]
        while bool(self._run(*_opened(parameters["cond_jaxpr"]), [*of_test, *carry], first)[0]):
            carry = self._run(*_opened(parameters["body_jaxpr"]), [*of_body, *carry], first)
        return carry

    def _scan(self, parameters, inputs, first):
        import jax

        constants, carried = parameters["num_consts"], parameters["num_carry"]
        fixed, carry, series = (
            inputs[:constants],
            inputs[constants : constants + carried],
            inputs[constants + carried :],
        )
        steps = range(parameters["length"])
        rows = []
        for step in reversed(steps) if parameters["reverse"] else steps:
            given = [one[step] for one in series]
            outputs = self._run(*_opened(parameters["jaxpr"]), [*fixed, *carry, *given], first)
            carry = outputs[:carried]
            rows.append(outputs[carried:])
        if parameters["reverse"]:
            rows.reverse()
        return [*carry, *(jax.numpy.stack(column) for column in zip(*rows))]

    def _write(self, equation, inputs, outputs):
        recorder = self._recorder
        arrays = [one for one in outputs if is_array(one)]
        digest = recorder.arrays.mixed(arrays)
        place = recorder.write(OP, ZOOM + equation.primitive.name, _site(equation), arrays, digest)
        recorder.inputs([(n, *recorder.arrays.told(one)) for n, one in enumerate(inputs) if is_array(one)])
        recorder.arrays.wrote(arrays, place)
        if recorder.dump is not None:
            recorder.dump.equation(place, equation, inputs, arrays)


def _opened(jaxpr):
    """(jaxpr, constants) of a jaxpr or a ClosedJaxpr."""
    return (jaxpr.jaxpr, jaxpr.consts) if hasattr(jaxpr, "consts") else (jaxpr, ())


def _site(equation):
    """The site text of the user's line that JAX keeps with an equation."""
    from jax._src import source_info_util

    frame = source_info_util.user_frame(equation.source_info.traceback)
    if frame is None:
        return UNKNOWN_SITE
    return site_of(frame.file_name, frame.start_line, frame.function_name)
