package io.deviceregistry.domain;

/** The customer has no such device. Another customer's device is answered alike, so that nobody can probe for ids. */
public final class UnknownDeviceException extends RegistryException {

    public UnknownDeviceException(DeviceId device) {
        super("This customer has no device " + device + ".");
    }
}
