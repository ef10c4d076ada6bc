-- Keys by which callers are known, and who made the last change of what.

create table api_key (
    id           uuid primary key,
    -- SHA-256 of the key, of which nothing else is kept.
    secret_hash  bytea not null unique,
    hint         text not null,
    caller       text collate "C" not null,
    scopes       text[] not null,
    issued_by    text collate "C" not null,
    issued_at    timestamptz not null default now(),
    expires_at   timestamptz,
    -- To the minute, so that a key that is always used is rarely written.
    last_used_at timestamptz,
    revoked_by   text collate "C",
    revoked_at   timestamptz
);

-- Null where the version before wrote.
alter table customer add column changed_by text collate "C";
alter table device add column changed_by text collate "C";
alter table erasure add column requested_by text collate "C";
