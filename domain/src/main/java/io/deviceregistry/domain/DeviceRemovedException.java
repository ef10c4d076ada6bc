package io.deviceregistry.domain;

/** The device is removed, and not to be changed unless a registration of its token brings it back first. */
public final class DeviceRemovedException extends RegistryException {

    public DeviceRemovedException(DeviceId device) {
        super("The device " + device + " is removed.");
    }
}
