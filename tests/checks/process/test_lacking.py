"""A case that the audited release lacks is left out and named; a mistake in our own code fails its check."""

import pytest
import support

from auditor.interpreter.replies import Failed, Ok
from auditor.rules import readings as of

pytestmark = pytest.mark.frameworks
CHECK = "jax-flag-takes-effect"
PLANT = """
from _auditor_checks.jax import _late, _switches


def broken():
    {body}


_switches.PROBES = (broken, _switches.scatter)
_late.late_devices = _late.late_flags = dict
"""
OF_THE_PAYLOAD = """
import os
from _auditor_checks import lacking
SOURCE = '''
def broken():
    {body}
'''
names = {{}}
exec(compile(SOURCE, os.path.join(lacking.PAYLOAD, "jax", "planted.py"), "exec"), names)
from _auditor_checks.jax import _late, _switches
_switches.PROBES = (names["broken"], _switches.scatter)
_late.late_devices = _late.late_flags = dict
"""


def planted(tmp_path, body, template=OF_THE_PAYLOAD):
    """The reply of the check with a probe of this body, as code of the payload unless the template says otherwise."""
    setup = tmp_path / "setup.py"
    setup.write_text(template.format(body=body))
    return support.measure(CHECK, setup=str(setup))


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("import jax; jax.nn.no_such_function()", "jax.nn.no_such_function"),
        ("import jax; jax.numpy.no_such_function()", "jax.numpy.no_such_function"),
        ("from jax import no_such_module", "jax"),
        ("import jax.no_such_module", "jax.no_such_module"),
        ("from _auditor_checks.jax._state import switched; switched('jax_no_such', 1).__enter__()", "jax_no_such"),
    ],
)
def test_what_the_release_lacks_is_named_and_the_rest_is_measured(tmp_path, body, what):
    """A function, a module or a switch that this release does not have costs its own case only."""
    reply = planted(tmp_path, body)

    assert isinstance(reply, Ok), reply
    (reading,) = reply.repeats
    assert what in reading["conditions"][of.LACKING]["broken"]
    assert ".at[].set of distinct places" in reading


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("[].no_such_method()", "AttributeError"),
        ("import os; os.no_such_function()", "AttributeError"),
        ("from _auditor_checks.jax import _state; _state.no_such_function()", "AttributeError"),
        ("from _auditor_checks.jax import no_such_module", "ImportError"),
        ("import jax; jax.numpy.ones(2).no_such_method()", "AttributeError"),
        ("import json; json.loads('(')", "JSONDecodeError"),
        ("dict()['no such key']", "KeyError"),
    ],
)
def test_a_mistake_in_our_own_code_is_an_error(tmp_path, body, error):
    """Nothing but a name that a framework's module lacks is a lacking case: typos, bugs and refusals still raise."""
    reply = planted(tmp_path, body)

    assert isinstance(reply, Failed), reply
    assert error == reply.error


def test_what_a_framework_itself_lacks_is_an_error(tmp_path):
    """Other code than the payload's that asks a module for a missing name has a defect: it is no lacking case."""
    reply = planted(tmp_path, "import jax; jax.nn.no_such_function()", PLANT)

    assert isinstance(reply, Failed), reply
    assert "no_such_function" in str(reply.message)


def test_the_pinned_releases_lack_nothing():
    """A mistyped name of a framework would be lacking everywhere; here it would be named."""
    reply = support.measure(CHECK)

    assert isinstance(reply, Ok), reply
    assert of.LACKING not in reply.repeats[0]["conditions"]
