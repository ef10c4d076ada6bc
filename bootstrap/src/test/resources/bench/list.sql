-- What the service reads when it lists the devices of a customer.
\set customer random(0, :customers - 1)
select id, customer_id, device_type, status, removal_reason, invalid_reason, version, metadata, registered_at, last_seen_at,
       as_of, status_since, token_cipher
  from device
 where customer_id = 'listed-' || :customer::bigint and erasure_id is null and status = any ('{ACTIVE,INVALID}')
 order by id
 limit 101;
