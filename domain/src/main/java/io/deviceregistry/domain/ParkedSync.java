package io.deviceregistry.domain;

/** A device of which a provider cannot be told before a person looks or something new is known. */
public record ParkedSync(CustomerId customer, DeviceId device, ProviderSync sync) {}
