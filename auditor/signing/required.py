"""How many signers, and which, must have signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import SignatureError
from ..manifest.strict_json import shown
from .allowed_signers import names_match
from .trusted_key import TrustedKey


@dataclass(frozen=True)
class Required:
    """The signatures that a user asks for; by default one, of any trusted key."""

    signatures: int = 1
    """The least number of signers. Keys of one owner count once."""
    names: tuple[str, ...] = ()
    """Owners each of whom must have signed."""

    def check(self, signers: Sequence[TrustedKey], what: str) -> None:
        """Raise SignatureError if these trusted keys are not enough; `what` names what they signed."""
        owners = owners_of(signers)
        if len(owners) < self.signatures:
            told = ", ".join(shown(owner) for owner in owners) or "nobody"
            raise SignatureError(
                f"{what} has {len(owners)} of {self.signatures} trusted signers ({told})",
                "It was not used. Further signers sign with `auditor sign --add`; name their keys with --key, --trust "
                "or --allowed-signers. Keys of one owner count once.",
            )
        for name in self.names:
            if not any(names_match(key.owner, name) for key in signers):
                raise SignatureError(
                    f"{what} was not signed by {shown(name)}",
                    "It was not used. The names of signers are those in the trust file or the allowed_signers file, "
                    "and the names of the files of --key without their endings.",
                )


def owners_of(signers: Sequence[TrustedKey]) -> list[str]:
    """The distinct owners of these keys; a key that two names claim counts for the first."""
    first: dict[str, str] = {}
    for key in signers:
        first.setdefault(key.verifier.keyid, key.owner)
    return list(dict.fromkeys(first.values()))
