-- Which key finds tokens, and which one is to take its place: the phase of a replacement, for all replicas alike. While no
-- key is being replaced there is neither a column nor an index for a second one; whoever begins a replacement adds them.

create table token_lookup (
    only_one    boolean primary key default true check (only_one),
    -- The name of the key that made token_hash in device and token_release, as in token_key; null before the first start.
    key_id      bytea,
    -- The name of the key that is to take its place, and makes the column next_token_hash that both tables have so long.
    next_key_id bytea,
    -- The last device that was there before each had to have both hashes.
    fill_to     uuid,
    -- When no device was found any more that has one hash and not the other.
    filled_at   timestamptz,
    -- Devices that have one hash only because their token cannot be opened.
    unreadable  bigint not null default 0
);

insert into token_lookup (key_id)
select (select id from token_key where purpose = 'LOOKUP' and retired_at is null);

-- Which lookup keys running replicas know: one row for each set of keys, whoever has it.
create table token_lookup_known (
    key_ids      bytea[] primary key,
    -- To some seconds, while any process has just these.
    last_seen_at timestamptz not null default now()
);
