-- Keys by which callers are known.

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
