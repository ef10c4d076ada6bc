package io.deviceregistry.domain;

/**
 * A fault that the caller can understand and act on. The message is safe to show: it never holds a token.
 *
 * <p>Sealed so that an inbound adapter translates every kind in one exhaustive {@code switch}.
 */
public abstract sealed class RegistryException extends RuntimeException
        permits InvalidValueException,
                InvalidMembersException,
                ConflictingTypesException,
                TooManyDevicesException,
                UnknownDeviceException,
                UnknownTokenException,
                UnknownCustomerException,
                UnknownErasureException,
                UnknownImportException,
                ImportEndedException,
                UnknownApiKeyException,
                ChangesGoneException,
                DeviceRemovedException,
                StaleVersionException,
                RequestUnderWayException,
                IdempotencyKeyReusedException {

    private final String message;

    RegistryException(String message) {
        super(message);
        this.message = message;
    }

    @Override
    public final String getMessage() {
        return message;
    }
}
