-- Imports of devices from files.

create table import_job (
    id          uuid primary key,
    imported_by text collate "C" not null,
    dry_run     boolean not null,
    started_at  timestamptz not null default now(),
    -- When something last arrived, to some seconds.
    heard_at    timestamptz not null default now(),
    -- Null while the file arrives.
    whole       boolean,
    -- How many chunks the file had; null while it arrives.
    chunks      bigint,
    chunks_done bigint not null default 0,
    -- Rows of the chunks that are done, and what became of them.
    done        bigint not null default 0,
    stored      bigint not null default 0,
    unchanged   bigint not null default 0,
    failed      bigint not null default 0,
    finished_at timestamptz,

    constraint import_job_whole_knows_its_length check ((whole is null) = (chunks is null))
) with (fillfactor = 50); -- each chunk that is done rewrites its job

-- Neighbouring lines of a file that arrived and wait to be stored; each is deleted with what it made.
create table import_chunk (
    job_id  uuid not null references import_job on delete cascade,
    number  bigint not null,
    rows    integer not null,
    -- Deflated JSON under AES-256-GCM, with the job's id and the number as associated data.
    cipher  bytea not null,
    tries   integer not null default 0,
    due_at  timestamptz not null default now(),
    primary key (job_id, number)
) with (autovacuum_vacuum_scale_factor = 0.02);

-- Encrypted, so it does not shrink.
alter table import_chunk alter column cipher set storage external;

-- The queue: the first chunks of all files before the second ones, so that no small file waits for the end of a large one.
create index import_chunk_queue on import_chunk (number, job_id);

create table import_failure (
    job_id uuid not null references import_job on delete cascade,
    line   bigint not null,
    reason text not null,
    primary key (job_id, line)
);
