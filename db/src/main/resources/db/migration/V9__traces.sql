-- What led to the change that a provider is to be told of, as the header of that name has it (W3C Trace Context); null where
-- nobody records traces. No default and no rewrite: the rows stay as they are.
alter table device_sync add column traceparent text;
