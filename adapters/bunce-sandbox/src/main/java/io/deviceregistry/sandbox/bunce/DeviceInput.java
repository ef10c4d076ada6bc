package io.deviceregistry.sandbox.bunce;

import java.util.List;
import java.util.Set;

record DeviceInput(String type, String token) {

    private static final Set<String> TYPES = Set.of("ios", "android");

    static List<DeviceInput> list(Input input) {
        return input.objects("devices").stream()
                .map(device ->
                        new DeviceInput(requireType(device, device.text("device_type")), device.text("device_token")))
                .toList();
    }

    static String requireType(Input input, String type) {
        if (!TYPES.contains(type)) {
            throw input.fault("device_type", "must be ios or android");
        }
        return type;
    }
}
