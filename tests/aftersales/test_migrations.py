"""Migrations go up, down and up again with data in the database, and end where the models say."""

from sqlalchemy import text

from aftersales import migrations
from aftersales.db import Base
from aftersales.migrations import guards
from aftersales.work import Workshop
from tests.world import build_world


def test_the_schema_is_what_the_models_say(workshop: Workshop) -> None:
    assert migrations.differences(workshop.engine) == []
    assert migrations.missing_guards(workshop.engine) == []
    assert migrations.current(workshop.engine) == migrations.head()


def test_up_down_up_with_data(workshop: Workshop) -> None:
    build_world(workshop)
    migrations.downgrade(workshop.engine)
    with workshop.engine.connect() as connection:
        kind = connection.dialect.name
        query = (
            "SELECT count(*) FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND name <> 'alembic_version'"
            " AND name NOT LIKE '%alembic%'"
            if kind == "sqlite"
            else "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        )
        assert connection.execute(text(query)).scalar_one() == 0
    migrations.upgrade(workshop.engine)
    assert migrations.differences(workshop.engine) == []
    assert migrations.missing_guards(workshop.engine) == []
    build_world(workshop)


def test_a_missing_guard_is_named(workshop: Workshop) -> None:
    with workshop.engine.begin() as connection:
        suffix = " ON stock_move" if connection.dialect.name == "postgresql" else ""
        connection.execute(text(f"DROP TRIGGER ledger_stock_move_update{suffix}"))
    assert migrations.missing_guards(workshop.engine) == ["ledger_stock_move_update"]


def test_every_ledger_is_guarded_and_nothing_else() -> None:
    ledgers = {mapper.class_.__tablename__ for mapper in Base.registry.mappers if mapper.class_.__ledger__}
    assert ledgers == set(guards.LEDGERS)
