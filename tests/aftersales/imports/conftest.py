"""A world to import into, and files in a line."""

from collections.abc import Mapping

import pytest

from aftersales.access import Actor
from aftersales.imports import service
from aftersales.imports.mapping import Source
from aftersales.imports.service import Refused, Result
from aftersales.vocabulary import Role
from aftersales.work import Workshop
from tests.world import World, build_world


class Desk:
    """Somebody at a desk of an organisation, with files to bring in."""

    def __init__(self, shop: Workshop, world: World, organization: str = "maker", role: Role = Role.ADMIN) -> None:
        self.shop, self.world = shop, world
        self.actor: Actor = world.actor(organization, role)

    def take(self, kind: str, text: str, given: Mapping[str, str] | None = None, *, partial: bool = False) -> Result:
        sources = {name: Source(column=column) for name, column in (given or {}).items()}
        with self.shop.transaction(self.actor) as work:
            return service.take(
                work, kind=kind, file_name=f"{kind}.csv", content=text.encode(), given=sources, partial=partial
            )

    def counts(self, kind: str, text: str, given: Mapping[str, str] | None = None) -> tuple[int, int]:
        result = self.take(kind, text, given)
        return result.added, result.unchanged

    def refusals(self, kind: str, text: str) -> list[tuple[int, str, str, str]]:
        """Return row, field, value and sentence of everything wrong with a file that is refused."""
        with pytest.raises(Refused) as refused:
            self.take(kind, text)
        return said(refused.value.errors)


def said(problems: object) -> list[tuple[int, str, str, str]]:
    assert isinstance(problems, list)
    return [(one["row"], one["field"], one["value"], one["message"] % one["params"]) for one in problems]


@pytest.fixture
def desk(workshop: Workshop) -> Desk:
    return Desk(workshop, build_world(workshop))


@pytest.fixture
def quick(sqlite_workshop: Workshop) -> Desk:
    return Desk(sqlite_workshop, build_world(sqlite_workshop))
