"""SQL that several rooms' migrations share: append-only journals, stamps of world tables, immediate foreign keys."""

from __future__ import annotations

from django.db.migrations import RunSQL

FUNCTIONS = """
CREATE FUNCTION core_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_setting('entrepot.may_truncate', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is a journal: rows are added, never changed (% refused)', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION core_touch_world() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO core_worldstamp (name, token, changed_at) VALUES (TG_ARGV[0], gen_random_uuid(), now())
    ON CONFLICT (name) DO UPDATE SET token = excluded.token, changed_at = excluded.changed_at;
    RETURN NULL;
END $$;

CREATE FUNCTION core_refuse_hand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 AND coalesce(current_setting('entrepot.rebuilding', true), '') <> 'on' THEN
        RAISE EXCEPTION '% follows from its journal and is not written by hand', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
"""
DROP_FUNCTIONS = """
DROP FUNCTION core_refuse_change();
DROP FUNCTION core_touch_world();
DROP FUNCTION core_refuse_hand();
"""


def append_only(table: str) -> RunSQL:
    """Refuse every UPDATE, DELETE and TRUNCATE of a journal.

    A database that has `entrepot.may_truncate = 'on'` (the test database) may be emptied as a whole.
    """
    name = f"{table}_append_only"
    return RunSQL(
        f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();",
        f"DROP TRIGGER {name} ON {table};",
    )


def projection(table: str) -> RunSQL:
    """Let only the journal's own trigger write a projection, and a rebuild (`SET LOCAL entrepot.rebuilding = 'on'`)."""
    name = f"{table}_projection"
    return RunSQL(
        f"CREATE TRIGGER {name} BEFORE INSERT OR UPDATE OR DELETE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_hand();",
        f"DROP TRIGGER {name} ON {table};",
    )


def world_stamp(table: str, world_table: str) -> RunSQL:
    """Let every change of a table change the stamp of the world table that is compiled from it."""
    name = f"{table}_touch_world"
    return RunSQL(
        f"CREATE TRIGGER {name} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION core_touch_world('{world_table}');",
        f"DROP TRIGGER {name} ON {table};",
    )


def foreign_key(table: str, column: str, target: str, *, target_column: str = "id") -> RunSQL:
    """A foreign key checked at once, not at commit: on bulk tables the queue of deferred checks costs too much."""
    name = f"{table}_{column}_fk"
    return RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}) REFERENCES {target} ({target_column});",
        f"ALTER TABLE {table} DROP CONSTRAINT {name};",
    )
