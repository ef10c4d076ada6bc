-- Everything that can happen to a device besides its registration, profiles of customers, erasures, remembered answers.
--
-- Only additions and constraints that became looser: the version before keeps working beside this one.

alter table customer
    add column email      text,
    add column first_name text,
    add column last_name  text,
    add column phone_no   text,
    add column updated_at timestamptz not null default now(),
    -- Erased, and kept only while a provider has to be told of its devices; to everybody else it is not there.
    add column erased     boolean not null default false;

-- Customers are listed by e-mail address, in its very spelling.
create index customer_email on customer (email) where email is not null;

create table erasure (
    id           uuid primary key,
    -- Gone when the erasure is complete.
    customer_id  text collate "C",
    requested_at timestamptz not null default now(),
    completed_at timestamptz,
    devices      integer not null
);

create index erasure_under_way on erasure (customer_id) where completed_at is null;

-- What providers said about erased devices, counted when their rows go.
create table erasure_provider (
    erasure_id  uuid not null references erasure on delete cascade,
    provider    text collate "C" not null,
    confirmed   integer not null default 0,
    unsupported integer not null default 0,
    primary key (erasure_id, provider)
);

alter table device
    add column invalid_reason text collate "C",
    -- The time of the newest message that the device reflects.
    add column as_of          timestamptz not null default now(),
    add column status_since   timestamptz not null default now(),
    -- Set while a provider still has to be told of a device whose customer was erased. Nobody else sees such a row.
    add column erasure_id     uuid references erasure,
    -- Null for a device that gave up its token to another one of its customer, and for an erased one.
    alter column token_hash drop not null,
    -- Null for an erased device: what a provider knows it by is in device_sync.
    alter column token_cipher drop not null;

-- What may be purged, the longest removed first.
create index device_removed on device (status_since) where status = 'REMOVED';

create index device_erased on device (erasure_id) where erasure_id is not null;

alter table device_sync
    -- As in device, where a settlement cannot lock it.
    add column erased boolean not null default false;

-- Tokens that a device no longer has and by which a provider may still know it: whoever has such a token now waits until
-- that provider was told.
create table token_release (
    token_hash bytea not null,
    provider   text collate "C" not null,
    device_id  uuid not null,
    primary key (token_hash, provider, device_id),
    foreign key (device_id, provider) references device_sync on delete cascade
);

create index token_release_of_device on token_release (device_id, provider);

-- Finds devices by how a provider stands towards them; those that are synced are nearly all, and are walked instead.
create index device_sync_unsynced on device_sync (provider, state, device_id) where state <> 'SYNCED';

alter table device_sync
    -- Since when the provider is to be told.
    add column pending_since timestamptz not null default now();

create table idempotency_record (
    -- HMAC-SHA-256 of caller, operation and key.
    key_hash      bytea primary key,
    -- HMAC-SHA-256 of the request.
    fingerprint   bytea not null,
    -- AES-256-GCM with the key's hash as associated data.
    answer_cipher bytea not null,
    created_at    timestamptz not null default now()
);

create index idempotency_record_age on idempotency_record (created_at);

-- How far a walk over a table is that all replicas share.
create table walk (
    name     text collate "C" primary key,
    begun_at timestamptz not null default '-infinity',
    -- The last id that was looked at; null before the first step and after the last.
    position uuid
);
