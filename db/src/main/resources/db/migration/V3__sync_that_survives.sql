-- What the sync engine has to know of attempts with an unknown outcome, of what is only caught up on, and of providers
-- that are out of order.

alter table device_sync
    -- An attempt's outcome is unknown, and the provider was not asked since.
    add column uncertain boolean not null default false,
    -- Failures that count towards giving up; forgotten by the next success.
    add column strikes   integer not null default 0,
    -- Waits in the lane of what is only caught up on.
    add column backlog   boolean not null default false,
    -- Tokens that the device had while an attempt was under way or in doubt: the provider may know it by one of them.
    add column former_token_ciphers bytea[],
    -- Who compares the row with what the provider holds, until lease_until; such a lease is no attempt.
    add column compared_by uuid;

-- What earlier versions counted as unconfirmed and has not been synced since is in doubt.
update device_sync set uncertain = true where unconfirmed_attempts > 0 and state <> 'SYNCED';

-- The queue, by lane. It takes the place of device_sync_due, and not a place beside it, because each row's way through the
-- queue moves every index that holds due_at.
create index device_sync_due_by_lane on device_sync (provider, backlog, due_at) where due_at is not null;
drop index device_sync_due;

alter table provider_gate
    -- Requests that failed in a row through no fault of their devices, each of another customer than the one before.
    add column failures       integer not null default 0,
    add column failed_for     text collate "C",
    -- Set while the breaker is open: one request is let through in so long.
    add column probe_interval interval,
    -- A person closed the gate.
    add column suspended      boolean not null default false;

-- A walk over customers, whose ids are text.
alter table walk
    add column customer_position text collate "C",
    add column moved_at          timestamptz not null default '-infinity';

-- How many devices providers were found to hold otherwise than was believed.
create table provider_drift (
    provider text collate "C" not null,
    kind     text collate "C" not null,
    found    bigint not null,
    primary key (provider, kind)
);

-- Requests to a provider by the minute, for an hour.
create table provider_traffic (
    provider text collate "C" not null,
    minute   timestamptz not null,
    sent     bigint not null,
    failed   bigint not null,
    primary key (provider, minute)
);
