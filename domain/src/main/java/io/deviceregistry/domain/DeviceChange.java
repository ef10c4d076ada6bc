package io.deviceregistry.domain;

import java.time.Instant;

/**
 * That a device came to a new version. The customer may have been erased since.
 *
 * @param changedAt when the change began; changes that happen at once may stand in another order than that of their times
 * @param version that the device has since
 * @param caller who made the change
 */
public record DeviceChange(
        ChangeKind kind, DeviceId device, CustomerId customer, long version, Caller caller, Instant changedAt) {}
