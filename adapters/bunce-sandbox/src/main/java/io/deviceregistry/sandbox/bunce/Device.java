package io.deviceregistry.sandbox.bunce;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.UUID;

record Device(String deviceId, String deviceType, String deviceToken, String createdAt) {

    static Device create(DeviceInput input, String now) {
        return new Device(newId(), input.type(), input.token(), now);
    }

    /** As the published pages write a device. */
    ObjectNode toPageJson() {
        return Json.object()
                .put("device_id", deviceId)
                .put("device_type", deviceType)
                .put("device_token", deviceToken);
    }

    /** As the Node client's types have it. */
    ObjectNode toClientJson() {
        return Json.object()
                .put("device_id", deviceId)
                .put("device_type", deviceType)
                .put("token", deviceToken)
                .put("created_at", createdAt);
    }

    /** Not a UUID on purpose: Bunce's own example is not one, so nobody may come to rely on it. */
    private static String newId() {
        List<String> parts = List.of(UUID.randomUUID().toString().split("-", -1));
        return String.join("-", parts.get(4), parts.get(0), parts.get(1), parts.get(2) + parts.get(3));
    }
}
