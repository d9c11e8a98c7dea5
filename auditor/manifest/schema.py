"""The JSON Schema of the manifest and of its envelope, generated from the models."""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from . import models
from .profiles import PREDICATE_TYPE

FILE_NAME = "environment-audit-v0.1.json"
ENVELOPE = "Envelope"
"""The title of the envelope in the schema."""

Base64 = Annotated[str, Field(pattern=r"^(?:[A-Za-z0-9+/_-]{4})*(?:[A-Za-z0-9+/_-]{2}==|[A-Za-z0-9+/_-]{3}=)?$")]


class EnvelopeSignature(BaseModel):
    """One signature over the pre-authentication encoding of type and payload."""

    model_config = ConfigDict(extra="allow", alias_generator=to_camel)

    keyid: str = ""
    """A hint at the key, never trusted: the sha256 (hex) of its DER SubjectPublicKeyInfo."""
    sig: Base64
    """The raw Ed25519 signature."""


class EnvelopeSchema(BaseModel):
    """A DSSE v1 envelope. Unknown fields are ignored, as DSSE says."""

    model_config = ConfigDict(title=ENVELOPE, extra="allow", alias_generator=to_camel)

    payload: Base64
    """The bytes of the manifest."""
    payload_type: Literal["application/vnd.in-toto+json"]
    """What the payload is; it is signed along with it."""
    signatures: list[EnvelopeSignature]
    """At least one of a trusted key must verify."""


def schema_text() -> str:
    """The text of `reports/schema/environment-audit-v0.1.json`: the manifest, with the envelope under `$defs`."""
    document = models.Manifest.model_json_schema(by_alias=True)
    around = EnvelopeSchema.model_json_schema(by_alias=True)
    definitions = {**document.pop("$defs"), **around.pop("$defs"), ENVELOPE: around}
    described: list[type[BaseModel]] = [EnvelopeSchema, EnvelopeSignature, *_models(models)]
    for model in described:
        _describe(
            document if model is models.Manifest else definitions[model.model_config.get("title") or model.__name__],
            model,
        )
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": PREDICATE_TYPE}
    required = sorted({"_type", "predicateType", *document.pop("required")})
    whole = {**head, **document, "required": required, "$defs": dict(sorted(definitions.items()))}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _models(module: Any) -> list[type[BaseModel]]:
    """The models that a module defines, without their bases."""
    found = [item for item in vars(module).values() if inspect.isclass(item) and issubclass(item, models.Frozen)]
    return [model for model in found if model not in (models.Frozen, models.Part)]


def _describe(document: dict[str, Any], model: type[BaseModel]) -> None:
    """Copy the docstring of each field of the model into its schema."""
    body = ast.parse(textwrap.dedent(inspect.getsource(model))).body[0]
    statements = body.body if isinstance(body, ast.ClassDef) else []
    for field, following in pairwise(statements):
        if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
            continue
        if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            alias = model.model_fields[field.target.id].alias or field.target.id
            entry = document["properties"][alias]
            entry["description"] = str(following.value.value)
            if entry.get("default", "") is None and "anyOf" not in entry:
                del entry["default"]  # absent is the default, and null is refused
