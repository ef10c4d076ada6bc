-- Customers, their devices, and what each provider still has to be told of them.
--
-- Collation "C": ids are opaque, only equality and a stable order matter, and comparing bytes is cheapest.

create table customer (
    id         text collate "C" primary key,
    created_at timestamptz not null default now()
);

create table device (
    id             uuid primary key,
    customer_id    text collate "C" not null references customer,
    -- HMAC-SHA-256 of the token under the lookup key: finds a token without storing it.
    token_hash     bytea not null,
    -- AES-256-GCM with the device id as associated data: worthless in any other row.
    token_cipher   bytea not null,
    device_type    text collate "C" not null,
    status         text collate "C" not null default 'ACTIVE'
                   check (status in ('ACTIVE', 'INVALID', 'REMOVED')),
    removal_reason text collate "C"
                   check (removal_reason in ('DEREGISTERED', 'TRANSFERRED', 'REPLACED')),
    version        bigint not null default 1 check (version >= 1),
    metadata       jsonb not null default '{}',
    registered_at  timestamptz not null default now(),
    last_seen_at   timestamptz not null default now(),

    constraint device_token_once_per_customer unique (customer_id, token_hash),
    constraint device_removal_has_a_reason check ((status = 'REMOVED') = (removal_reason is not null))
) with (fillfactor = 90); -- room for the refreshes of last_seen_at, which no index holds, to stay on their page

-- A token has one holder; this is what makes it so.
create unique index device_token_held_once on device (token_hash) where status = 'ACTIVE';

-- Finds the former holders of a token, whom a provider must be told of before the present one.
create index device_former_holders on device (token_hash) where status <> 'ACTIVE';

create table device_sync (
    device_id            uuid not null references device on delete cascade,
    provider             text collate "C" not null,
    customer_id          text collate "C" not null,
    -- The device's version at its last change that concerns a provider, and the one the provider was brought to.
    desired_version      bigint not null,
    synced_version       bigint,
    state                text collate "C" not null default 'PENDING'
                         check (state in ('PENDING', 'SYNCED', 'PARKED', 'UNSUPPORTED')),
    -- What the provider is known to hold; all null if nothing.
    remote_id            text,
    held_type            text collate "C",
    held_token_cipher    bytea,
    -- Who is working on it, and until when nobody else may. A lease that ran out unsettled stays, as the mark of an
    -- attempt with an unknown outcome.
    lease                uuid,
    lease_until          timestamptz,
    attempts             integer not null default 0,
    unconfirmed_attempts integer not null default 0,
    failures             integer not null default 0,
    -- When the next attempt may begin; null for never.
    due_at               timestamptz default now(),
    reason               text collate "C",
    last_error           text,

    primary key (device_id, provider),
    constraint device_sync_pending_is_due check (state <> 'PENDING' or due_at is not null),
    constraint device_sync_holding_is_whole check ((held_type is null) = (held_token_cipher is null))
) with (
    -- Every row is rewritten at least twice, soon after it was made, and the index below moves with it.
    fillfactor = 70,
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_analyze_scale_factor = 0.02
);

-- The queue: only rows with something to do are in it, so its size is the backlog's, not the table's.
create index device_sync_due on device_sync (provider, due_at) where due_at is not null;

create table provider_gate (
    provider       text collate "C" primary key,
    next_permit_at timestamptz not null default '-infinity',
    paused_until   timestamptz not null default '-infinity',
    pause_reason   text collate "C"
);
