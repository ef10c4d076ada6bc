-- The person who closed the gate, and when; null while it is not suspended, and of what the version before suspended.
alter table provider_gate
    add column suspended_by text collate "C",
    add column suspended_at timestamptz;
