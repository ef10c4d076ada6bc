package io.deviceregistry.domain;

import org.jspecify.annotations.Nullable;

/**
 * What is to become of a known device; what is null stays as it is.
 *
 * @param token the address that takes the place of the present one, which is dead from then on ("rotation")
 * @param metadata takes the place of all that is known
 */
public record DeviceUpdate(
        @Nullable DeviceType type,
        @Nullable DeviceToken token,
        @Nullable DeviceMetadata metadata,
        Observation observed) {}
