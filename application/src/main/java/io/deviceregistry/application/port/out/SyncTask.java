package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.Device;
import org.jspecify.annotations.Nullable;

/**
 * One leased device: what the registry holds, and what the provider is known to hold.
 *
 * @param version the version of the device's last change that concerns a provider
 * @param holding null if the provider is not known to hold the device
 * @param unconfirmedAttempts how many attempts ended unknown: with any, the provider may hold the device after all
 * @param failures attempts that failed since the last one that did not
 */
public record SyncTask(
        Device device, long version, @Nullable Holding holding, int unconfirmedAttempts, int failures) {}
