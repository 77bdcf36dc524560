"""Postings are checked by entry, not by row, and only the entries of the statement are read for their months."""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION ledger_book_postings() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lowest bigint;
    highest bigint;
    wrong bigint;
    missing boolean;
BEGIN
    SELECT min(entry_id), max(entry_id) INTO lowest, highest FROM booked;
    SELECT found.entry_id, entry.id IS NULL INTO wrong, missing
    FROM (
        SELECT entry_id, bool_or(amount <> 0) OR sum(base) <> 0 AS unbalanced
        FROM (
            SELECT entry_id, sum(amount_minor) AS amount, sum(base_minor) AS base
            FROM booked GROUP BY entry_id, currency
        ) AS sums
        GROUP BY entry_id
    ) AS found
    LEFT JOIN ledger_entry AS entry ON entry.id = found.entry_id AND entry.id BETWEEN lowest AND highest
    WHERE found.unbalanced OR entry.id IS NULL
    LIMIT 1;
    IF missing THEN
        RAISE EXCEPTION 'there is no entry %', wrong USING ERRCODE = 'foreign_key_violation';
    ELSIF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'entry % does not balance', wrong USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO ledger_accountbalance AS balance (account_id, currency, month, debit_minor, credit_minor, base_minor)
    SELECT account_id, currency, month, sum(debit), sum(credit), sum(base)
    FROM (
        SELECT entry_date, account_id, currency, date_trunc('month', entry_date)::date AS month,
            sum(greatest(amount_minor, 0)) AS debit, sum(greatest(-amount_minor, 0)) AS credit, sum(base_minor) AS base
        FROM booked JOIN ledger_entry ON ledger_entry.id = booked.entry_id AND ledger_entry.id BETWEEN lowest AND highest
        GROUP BY entry_date, account_id, currency
    ) AS by_day
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (account_id, currency, month) DO UPDATE SET
        debit_minor = balance.debit_minor + excluded.debit_minor,
        credit_minor = balance.credit_minor + excluded.credit_minor,
        base_minor = balance.base_minor + excluded.base_minor;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_one_key")]

    operations = [migrations.RunSQL(FUNCTION, migrations.RunSQL.noop)]
