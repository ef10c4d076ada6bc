-- The least that is to be written when a known device is registered again.
\set customer random(0, :customers - 1)
update device set last_seen_at = now(), as_of = now()
 where customer_id = 'known-' || :customer::bigint and status = 'ACTIVE';
