-- Devices from the :first to the :last, as they are when a provider knows them. Ids of customers and hashes are spread as
-- evenly as real ones, and as long; what they hide is noise of the usual length.
with generated as materialized (
  select uuidv7() as id, 'c' || substr(encode(sha256(int8send(i)), 'hex'), 1, 16) as customer_id,
         sha256(int8send(-i)) as token_hash,
         sha256(int8send(-i)) || decode(repeat('ab', 164), 'hex') as token_cipher
    from generate_series(:first::bigint, :last::bigint) i
), customers as (
  insert into customer (id) select customer_id from generated
), devices as (
  insert into device (id, customer_id, token_hash, token_cipher, device_type)
  select id, customer_id, token_hash, token_cipher, 'android' from generated
), synced as (
  insert into device_sync (device_id, provider, customer_id, desired_version, synced_version, state, remote_id,
                           held_type, held_token_cipher, attempts, due_at)
  select id, 'bunce', customer_id, 1, 1, 'SYNCED', id::text, 'android', token_cipher, 1, null from generated
)
insert into device_change (generation, device_id, customer_id, kind, version, caller)
select (select max(generation) from change_generation), id, customer_id, 'REGISTERED', 1, 'bench' from generated;
