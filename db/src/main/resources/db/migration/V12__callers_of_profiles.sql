-- Who made the last change of the profile; null of one made before this was kept. The version before does not set it, so of
-- what it changes while both run the caller before that stays noted.
alter table customer add column updated_by text collate "C";
