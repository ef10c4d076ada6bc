-- Who asked for it; null of an erasure requested before this was kept. Stays with the receipt: it names no customer.
alter table erasure add column requested_by text collate "C";
