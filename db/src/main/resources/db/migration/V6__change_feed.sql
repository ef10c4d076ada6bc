-- The feed of changes of devices: one row for each version of a device, in an order in which none is ever skipped.

-- One row for each database that this one came from by dump and restore, and itself. Transaction ids start over in a
-- restored database, so they only order what one database wrote.
create table change_generation (
    generation        integer primary key,
    -- Of the server (pg_control_system()); a restored database is found on another one.
    system_identifier bigint not null,
    begun_at          timestamptz not null default now(),
    -- The last change that was restored from the generation before; what it had beyond that is not here.
    restored_to_xid   xid8,
    restored_to_seq   bigint
);

insert into change_generation (generation, system_identifier)
select 1, system_identifier from pg_control_system();

create sequence device_change_seq;

-- A change is older than another if its transaction's id is less; within a transaction the sequence orders them. Whoever
-- reads only what has an id below all that are still under way skips nothing.
create table device_change (
    generation  integer not null,
    xid         xid8 not null default pg_current_xact_id(),
    seq         bigint not null default nextval('device_change_seq'),
    changed_at  timestamptz not null default now(),
    device_id   uuid not null,
    customer_id text collate "C" not null,
    kind        text collate "C" not null,
    version     bigint not null,
    caller      text collate "C" not null
) partition by range (changed_at);

create index device_change_order on device_change (generation, xid, seq);

-- Up to where changes were dropped because of their age.
create table change_horizon (
    only_one   boolean primary key default true check (only_one),
    generation integer not null,
    xid        xid8 not null,
    seq        bigint not null
);

-- A partition for each day of UTC; the service goes on from here.
do $$
declare
    day date := (now() at time zone 'UTC')::date;
begin
    for i in 0..7 loop
        execute format(
            'create table device_change_%s partition of device_change for values from (%L) to (%L)',
            to_char(day + i, 'YYYYMMDD'), (day + i)::timestamp at time zone 'UTC', (day + i + 1)::timestamp at time zone 'UTC');
    end loop;
end $$;
