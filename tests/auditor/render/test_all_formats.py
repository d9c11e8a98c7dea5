"""Every renderer, given whatever a manifest can carry."""

import io

import audit_example
import hostile
from hypothesis import HealthCheck, given, settings

from auditor.container import specs
from auditor.manifest.models import payload_bytes
from auditor.render import facts, markdown, terminal


@given(hostile.manifests())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_hostile_manifests_are_rendered_by_all_of_them(manifest):
    """No exception, and no character that a terminal, an editor or a parser acts on, in any format."""
    payload_bytes(manifest)
    stream = io.StringIO()
    terminal.show(manifest, stream)
    texts = [
        *specs.files(manifest, audit_example.PAYLOAD_SHA256).values(),
        markdown.render(manifest, audit_example.PAYLOAD_SHA256),
        stream.getvalue(),
        facts.text(manifest.predicate.facts),
        "\n".join(specs.notes(manifest)),
    ]

    assert all(line.isprintable() for text in texts for line in text.split("\n"))
