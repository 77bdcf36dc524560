"""The books hold themselves: entries balance, nothing is changed, balances follow from the postings."""

from django.db import migrations

from entrepot.core.sql import append_only, foreign_key, projection, world_stamp

FUNCTIONS = """
CREATE FUNCTION ledger_book_postings() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unbalanced bigint;
BEGIN
    SELECT entry_id INTO unbalanced FROM (
        SELECT entry_id, sum(amount_minor) AS amount, sum(base_minor) AS base FROM booked GROUP BY entry_id, currency
    ) AS sums
    GROUP BY entry_id HAVING bool_or(amount <> 0) OR sum(base) <> 0 LIMIT 1;
    IF unbalanced IS NOT NULL THEN
        RAISE EXCEPTION 'entry % does not balance', unbalanced USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO ledger_accountbalance AS balance (account_id, currency, month, debit_minor, credit_minor, base_minor)
    SELECT account_id, currency, date_trunc('month', entry_date)::date,
        sum(greatest(amount_minor, 0)), sum(greatest(-amount_minor, 0)), sum(base_minor)
    FROM booked JOIN ledger_entry ON ledger_entry.id = booked.entry_id
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (account_id, currency, month) DO UPDATE SET
        debit_minor = balance.debit_minor + excluded.debit_minor,
        credit_minor = balance.credit_minor + excluded.credit_minor,
        base_minor = balance.base_minor + excluded.base_minor;
    RETURN NULL;
END $$;

CREATE FUNCTION ledger_refuse_empty_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM ledger_posting WHERE entry_id = NEW.id) THEN
        RAISE EXCEPTION 'entry % has no postings', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
"""
TRIGGERS = """
CREATE TRIGGER ledger_posting_book AFTER INSERT ON ledger_posting
    REFERENCING NEW TABLE AS booked FOR EACH STATEMENT EXECUTE FUNCTION ledger_book_postings();
CREATE CONSTRAINT TRIGGER ledger_entry_not_empty AFTER INSERT ON ledger_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_refuse_empty_entry();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.RunSQL(
            FUNCTIONS, "DROP FUNCTION ledger_book_postings(); DROP FUNCTION ledger_refuse_empty_entry();"
        ),
        migrations.RunSQL(
            TRIGGERS,
            "DROP TRIGGER ledger_posting_book ON ledger_posting; DROP TRIGGER ledger_entry_not_empty ON ledger_entry;",
        ),
        foreign_key("ledger_posting", "entry_id", "ledger_entry"),
        foreign_key("ledger_posting", "account_id", "ledger_account"),
        append_only("ledger_entry"),
        append_only("ledger_posting"),
        projection("ledger_accountbalance"),
        world_stamp("ledger_currency", "currencies"),
        world_stamp("ledger_fxrate", "fx"),
        world_stamp("ledger_postingrule", "posting_rules"),
    ]
