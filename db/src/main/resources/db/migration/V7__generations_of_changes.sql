-- By what a database knows that it is another one than before, and by what others know that.

alter table change_generation
    -- Names it in cursors: of two databases that were restored from one dump, both count on from the same number.
    add column id           uuid not null default gen_random_uuid(),
    -- Where it is: a database that was restored into the server it comes from has another oid there, and one that was
    -- recovered to an earlier point in time is on another timeline, with its server's identifier and its own oid.
    add column database_oid oid,
    add column timeline     text collate "C";

update change_generation
   set database_oid = (select oid from pg_database where datname = current_database()),
       timeline = left(pg_walfile_name(pg_current_wal_lsn()), 8);

alter table change_generation
    alter column database_oid set not null,
    alter column timeline set not null;

create unique index change_generation_id on change_generation (id);
