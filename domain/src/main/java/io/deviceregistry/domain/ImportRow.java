package io.deviceregistry.domain;

/**
 * A device as one line of an imported file describes it.
 *
 * @param line from 1 on
 */
public record ImportRow(long line, CustomerId customer, DeviceRegistration device) {}
