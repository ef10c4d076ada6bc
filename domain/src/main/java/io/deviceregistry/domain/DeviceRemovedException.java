package io.deviceregistry.domain;

/** The device is removed; only a new registration of its token brings it back. */
public final class DeviceRemovedException extends RegistryException {

    public DeviceRemovedException(DeviceId device) {
        super("The device " + device + " is removed.");
    }
}
