-- A registration in one statement: what a careful user of the same tables would write, with the work of the database alone.
-- The random bytes come from the client, as they would from one that hashes and encrypts; the rest of the sealed token is
-- as long as that of a token of 163 characters.
\set customer random(0, 9223372036854775806)
\set a random(0, 9223372036854775806)
\set b random(0, 9223372036854775806)
\set c random(0, 9223372036854775806)
\set d random(0, 9223372036854775806)
with new_customer as (
  insert into customer (id) values ('c' || lpad(to_hex(:customer::bigint), 16, '0')) on conflict do nothing
), written as (
  insert into device as d (id, customer_id, token_hash, token_cipher, device_type)
  values (
    uuidv7(), 'c' || lpad(to_hex(:customer::bigint), 16, '0'),
    int8send(:a::bigint) || int8send(:b::bigint) || int8send(:c::bigint) || int8send(:d::bigint),
    int8send(:a::bigint) || int8send(:b::bigint) || decode(repeat('ab', 180), 'hex'), 'android')
  on conflict (customer_id, token_hash) do update
    set device_type = excluded.device_type, status = 'ACTIVE', removal_reason = null,
        last_seen_at = greatest(d.last_seen_at, now()),
        version = d.version + (d.status <> 'ACTIVE' or d.device_type <> excluded.device_type)::int
  returning id, customer_id, version
), noted as (
  insert into device_change (generation, device_id, customer_id, kind, version, caller)
  select (select max(generation) from change_generation), id, customer_id, 'REGISTERED', version, 'pgbench' from written
), due as (
  insert into device_sync as s (device_id, provider, customer_id, desired_version)
  select id, 'bunce', customer_id, version from written
  on conflict (device_id, provider) do update
    set desired_version = excluded.desired_version, state = 'PENDING', due_at = now()
)
select id, customer_id, version from written;
