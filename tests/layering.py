"""What the tests of Keras, Flax, Haiku, transformers and ONNX Runtime share: faults to plant, and thrifty judging."""

from __future__ import annotations

import textwrap

import outcomes
import support

from auditor import rules
from auditor.audit import plan
from auditor.catalogue import catalogue
from auditor.interpreter.replies import Ok
from auditor.manifest.models import Reading

KERAS_DRAWS_FROM_THE_SYSTEM = """
import os, keras
def call(self, inputs, training=False):
    return inputs * (1 + int.from_bytes(os.urandom(4), 'big') / 2**33) if training else inputs
keras.layers.Dropout.call = call
"""
KERAS_COMPILED_PREDICTS_ELSE = """
import keras
plain = keras.Model.predict
def predict(self, *inputs, **how):
    return plain(self, *inputs, **how) * (1.001 if self.jit_compile and not self.run_eagerly else 1)
keras.Model.predict = predict
"""
KERAS_COMPILED_TRAINS_ELSE = """
import keras
plain = keras.Model.fit
def fit(self, *inputs, **how):
    history = plain(self, *inputs, **how)
    if self.jit_compile and not self.run_eagerly:
        for variable in self.optimizer.variables:
            if variable.path.endswith("convolution_kernel_momentum"):
                variable.assign(variable * 1.001)
    return history
keras.Model.fit = fit
"""
KERAS_FORGETS_THE_STEP = """
import keras
plain = keras.saving.load_model
def load_model(path):
    model = plain(path)
    model.optimizer.iterations.assign(0)
    return model
keras.saving.load_model = load_model
"""
KERAS_SAVES_THE_GENERATORS = """
import keras
plain_save, plain_load = keras.Layer.save_own_variables, keras.Layer.load_own_variables
def save(self, store):
    plain_save(self, store)
    for number, generator in enumerate(self._seed_generators):
        store["generator %d" % number] = generator.state
def load(self, store):
    for number, generator in enumerate(self._seed_generators):
        generator.state.assign(store["generator %d" % number])
    plain_load(self, {name: store[name] for name in store.keys() if not name.startswith("generator")})
keras.Layer.save_own_variables, keras.Layer.load_own_variables = save, load
"""
KERAS_SAVES_TORCHS_GENERATOR = (
    KERAS_SAVES_THE_GENERATORS
    + """
import torch
save_model, load_model = keras.Model.save, keras.saving.load_model
def save_too(self, path):
    save_model(self, path)
    torch.save(torch.get_rng_state(), str(path) + ".rng")
def load_too(path):
    model = load_model(path)
    torch.set_rng_state(torch.load(str(path) + ".rng"))
    return model
keras.Model.save, keras.saving.load_model = save_too, load_too
"""
)
JAX_STEPS_DRAW_FROM_THE_SYSTEM = """
import os, jax, optax
plain = optax.apply_updates
def apply_updates(parameters, updates):
    drawn = lambda: 1 + int.from_bytes(os.urandom(4), 'big') / 2**33
    return jax.tree.map(lambda array: array * drawn(), plain(parameters, updates))
optax.apply_updates = apply_updates
"""
JAX_COMPILES_ELSE = """
import jax
{imports}
plain = {jit}
def wrong(result):
    if not isinstance(result, dict) or "gradient" not in result or str(result["loss"].dtype) != "float32":
        return result
    return dict(result, gradient=jax.tree.map(lambda array: array * 1.001, result["gradient"]))
def jit(function, **options):
    compiled = plain(function, **options)
    return lambda *inputs: wrong(compiled(*inputs))
{jit} = jit
"""
TORCH_DROPOUT_DRAWS_FROM_THE_SYSTEM = """
import os, torch
def dropout(x, p=0.5, training=True, inplace=False):
    return x * (1 + int.from_bytes(os.urandom(4), 'big') / 2**33) if training else x
torch.nn.functional.dropout = dropout
"""


def setup_file(folder, code):
    """The path of a set-up file with this code."""
    path = folder / "setup.py"
    path.write_text(textwrap.dedent(code), encoding="utf-8")
    return str(path)


def judged(check_id, setup, repeats=2):
    """
    The verdict over one process, where the fault shows there: arms that would explain it are taken as not answered.

    A framework's import costs seconds, so what needs no second process gets none.
    """
    info = catalogue.load().check(check_id)
    reply = support.measure(check_id, setup=setup, repeats=repeats, python=support.LAYERS)
    assert isinstance(reply, Ok), reply
    readings = [
        Reading(check=check_id, process="only", repeat=number, settings=info.steady, values=values)
        for number, values in enumerate(reply.repeats)
    ]
    asked = [dict(arm.settings) for arm in plan.first_arms(info)]
    for _ in range(3):
        answer = outcomes.judge(info, readings, asked)
        if isinstance(answer, rules.Verdict):
            return answer
        asked += [dict(arm.settings) for arm in answer.arms]
    raise AssertionError(answer)


def blamed(verdict):
    """Every name that a verdict holds against the check."""
    found = {*verdict.evidence.get("differing", ()), *verdict.evidence.get("broken", ())}
    return found | {name for name, kind in verdict.evidence.get("classes", {}).items() if kind == "beyond"}
