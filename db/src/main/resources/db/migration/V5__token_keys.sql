-- Which keys protect tokens, so that a wrong one is noticed before it does harm, and one that is given up is known to be
-- needed no more. The keys themselves are not here.

create table token_key (
    -- The first four bytes of a keyed hash of the key with itself.
    id           bytea not null,
    purpose      text collate "C" not null check (purpose in ('ENCRYPTION', 'LOOKUP')),
    -- To some seconds, while any process encrypts with it.
    last_used_at timestamptz not null default now(),
    -- When something was last found that may be encrypted with it though another key is in use.
    found_at     timestamptz,
    -- Nothing is encrypted with it any more.
    retired_at   timestamptz,
    primary key (purpose, id)
);
