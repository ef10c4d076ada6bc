package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.SyncReason;
import org.jspecify.annotations.Nullable;

/** Parked devices: those that satisfy all that is not null. */
public record ParkedSelection(
        @Nullable ProviderId provider,
        @Nullable CustomerId customer,
        @Nullable DeviceId device,
        @Nullable SyncReason reason) {}
