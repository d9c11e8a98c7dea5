"""The base classes of the manifest's models, and what a reader does with fields that it does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from .strict_json import shown

if TYPE_CHECKING:
    from typing_extensions import Self

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Severity = Literal["critical", "high", "medium", "low", "info"]

SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "info")


class Frozen(BaseModel):
    """Base of every model: immutable, no unknown fields, camelCase in JSON."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        defer_build=True,  # a command uses only some of the models, and most of them after it has started processes
    )


class Part(Frozen):
    """
    A part of the manifest. Fields that this version does not know are kept and written again, and nothing reads them.

    A field in both of its spellings (`payloadSha256`, `payload_sha256`) is one field given twice, and refused.
    """

    model_config = ConfigDict(extra="allow")

    @model_validator(mode="after")
    def _refuse_second_spelling(self) -> Self:
        """Two readers must not take two values for one field."""
        twice = [name for name in self.__pydantic_extra__ or () if name in type(self).model_fields]
        if twice:
            raise ValueError(f"the field {shown(twice[0])} is given in two spellings")
        return self
