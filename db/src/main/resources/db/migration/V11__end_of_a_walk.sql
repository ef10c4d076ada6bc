-- The last device that a walk goes to, for one that would else not end while devices come as fast as it goes on.
alter table walk add column until uuid;
