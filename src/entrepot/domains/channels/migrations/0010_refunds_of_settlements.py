from django.db import migrations

# What settlements booked as given back until now, by the rule of then: for orders of which neither the channel nor a
# return of ours had told it before. From now on it stands beside what channels tell, so that it is counted once.
KEEP = """
    INSERT INTO channels_channelrefund
        (account_id, external_id, external_order, order_id, amount_minor, currency, refunded_at, note, is_booked)
    SELECT s.account_id, l.external_order || ':evened:settled', l.external_order, max(l.order_id), -sum(l.amount_minor),
        max(s.currency), max(coalesce(s.paid_on, s.end_on, current_date)), string_agg(DISTINCT s.external_id, ', '), true
    FROM channels_settlementline l JOIN channels_settlement s ON s.id = l.settlement_id
    WHERE s.state = 'booked' AND l.kind = 'refund' AND l.order_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM channels_channelrefund r WHERE r.order_id = l.order_id AND r.is_booked)
        AND NOT EXISTS (SELECT FROM orders_returnline r WHERE r.order_id = l.order_id)
    GROUP BY s.account_id, l.external_order HAVING sum(l.amount_minor) < 0
    ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):

    dependencies = [
        ('channels', '0009_goods_outcomes'),
        ('orders', '0001_initial'),
    ]

    operations = [migrations.RunSQL(KEEP, migrations.RunSQL.noop)]
