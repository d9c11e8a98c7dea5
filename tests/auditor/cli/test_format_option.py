"""`--format text|json` and `--json` of commands that print for people or for programs."""

import click
import pytest
from click.testing import CliRunner

from auditor.cli import claim, compare, replay
from auditor.cli._format import text_or_json


@click.command()
@click.option("--before", default="b")
@text_or_json
@click.argument("name")
def command(*, before: str, as_json: bool, name: str) -> None:
    """Print what is given."""
    click.echo(f"{before} {as_json} {name}")


@pytest.mark.parametrize(
    ("given", "as_json"),
    [
        ([], False),
        (["--format", "text"], False),
        (["--format", "json"], True),
        (["--json"], True),
        (["--json", "--format", "json"], True),
    ],
)
def test_both_ways_ask_for_json_and_other_options_are_left_alone(given, as_json):
    """What stands before and after them among the decorators arrives as well."""
    done = CliRunner().invoke(command, ["--before", "x", *given, "n"])

    assert (f"x {as_json} n\n", 0) == (done.output, done.exit_code)


def test_another_format_is_a_usage_error():
    """Exit code 2, with the formats that there are."""
    done = CliRunner().invoke(command, ["--format", "html", "n"])

    assert 2 == done.exit_code
    assert "'text', 'json'" in done.output


@pytest.mark.parametrize("found", [claim.command, compare.command, replay.command], ids=lambda one: one.name)
def test_the_commands_have_both(found):
    """One spelling for all of them."""
    assert {"--format", "--json"} <= {name for one in found.params for name in one.opts}
