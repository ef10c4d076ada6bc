package io.deviceregistry.domain;

/** What became of one registered device: as it is now, and how it got there. */
public record Registration(Device device, Outcome outcome) {

    public enum Outcome {
        /** The token was new to the customer, and nobody else held it. */
        CREATED,
        /** Another customer held the token until now; who it was is never told. */
        TRANSFERRED,
        /** The customer had removed the device, or it was invalid. */
        REACTIVATED,
        /** The customer had the device, and something about it was new. */
        CHANGED,
        /** The customer had the device as it was registered, or as something newer made it. */
        EXISTING,
        /** As {@link #CREATED}, but late: another customer registered the token since, so the device is removed. */
        SUPERSEDED
    }
}
