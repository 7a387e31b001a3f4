"""Everything the domain can refuse. No HTTP here.

A refusal carries a stable ``code`` for programs and a translatable sentence for people: ``message`` is the English
catalogue key with ``%(name)s`` places, ``params`` what goes into them. ``errors`` names rows and fields.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar


class Several(tuple[object, ...]):
    """Several values that a sentence names in one place; each can be said in any language."""

    __slots__ = ()

    def __str__(self) -> str:
        """Return them with commas between."""
        return ", ".join(str(one) for one in self)


class DomainError(Exception):
    """A request the domain refuses; nothing has changed."""

    code: ClassVar[str] = "domain_error"

    def __init__(
        self, message: str, *, code: str | None = None, errors: Sequence[Mapping[str, object]] = (), **params: object
    ) -> None:
        """Keep the sentence apart from its parameters, so that it can be said in any language.

        :param message: English sentence with ``%(name)s`` places, marked with ``N_`` at the call.
        :param code: a narrower stable code than the class's own.
        :param errors: ``{"row": …, "field": …, "message": …}`` items, as far as they apply.
        """
        super().__init__(message % params if params else message)
        self.message = message
        self.params = params
        self.reason = code or type(self).code
        self.errors = [dict(item) for item in errors]


class NotFound(DomainError):
    """It does not exist, or not for this organisation: the two are not told apart."""

    code = "not_found"


class Forbidden(DomainError):
    """The actor's role does not permit it."""

    code = "forbidden"


class Unauthenticated(DomainError):
    """Nobody, or nobody we know, is asking."""

    code = "unauthenticated"


class RuleBroken(DomainError):
    """The request is well formed but breaks a rule of the trade."""

    code = "rule_broken"


class Invalid(DomainError):
    """The input itself is wrong: a missing field, an impossible value."""

    code = "invalid"


class Conflict(DomainError):
    """It collides with something that is already there."""

    code = "conflict"


class Stale(DomainError):
    """The object was changed since the caller read it."""

    code = "stale"


class Throttled(DomainError):
    """Too many tries; come back later."""

    code = "throttled"
