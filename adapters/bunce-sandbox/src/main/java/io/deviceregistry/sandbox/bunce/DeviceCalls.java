package io.deviceregistry.sandbox.bunce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import io.deviceregistry.sandbox.bunce.Behaviour.AnswerShape;
import io.deviceregistry.sandbox.bunce.Router.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The calls below {@code /v1/customers/{id}/devices}. */
final class DeviceCalls {

    private static final String PATH = "/v1/customers/{id}/devices";

    private DeviceCalls() {}

    static List<Route<Call.Handler>> routes() {
        return List.of(
                Route.of("POST", PATH, DeviceCalls::add),
                Route.of("GET", PATH, DeviceCalls::list),
                Route.of("PATCH", PATH, DeviceCalls::change));
    }

    private static Outcome add(Call call, State state) {
        Input input = Input.of(call.json());
        List<DeviceInput> inputs = DeviceInput.list(input);
        if (inputs.isEmpty()) {
            throw input.fault("devices", "is required and must not be empty");
        }
        requireKnownCustomer(call, state);
        List<Change> changes = new ArrayList<>();
        if (state.customer(call.customerId()).isEmpty()) {
            changes.add(new Change.CustomerSaved(Customer.bare(call.customerId(), call.now())));
        }
        List<Device> added =
                inputs.stream().map(device -> Device.create(device, call.now())).toList();
        added.forEach(device -> changes.add(new Change.DeviceSaved(call.customerId(), device)));
        return new Outcome(added(call.behaviour().answerShape(), added), changes);
    }

    private static Outcome list(Call call, State state) {
        requireKnownCustomer(call, state);
        return Outcome.unchanged(Answer.envelope(
                200,
                "Customer devices fetched successfully",
                array(state.devicesOf(call.customerId()), Device::toClientJson)));
    }

    private static Outcome change(Call call, State state) {
        Input input = Input.of(call.json());
        String current = input.text("current_device_token");
        String token = input.optionalText("device_token");
        String type = input.optionalText("device_type");
        if (type != null) {
            DeviceInput.requireType(input, type);
        }
        requireKnownCustomer(call, state);
        Device before = state.devicesOf(call.customerId()).stream()
                .filter(device -> device.deviceToken().equals(current))
                .findFirst()
                .orElseThrow(() -> new RefusedException(404, "Device not found"));
        Device after = new Device(
                before.deviceId(),
                type == null ? before.deviceType() : type,
                token == null ? before.deviceToken() : token,
                before.createdAt());
        boolean asDevice = call.behaviour().answerShape() == AnswerShape.ENVELOPE;
        return new Outcome(
                Answer.envelope(
                        200,
                        "Customer device updated successfully",
                        asDevice ? after.toClientJson() : BooleanNode.TRUE),
                List.of(new Change.DeviceSaved(call.customerId(), after)));
    }

    private static void requireKnownCustomer(Call call, State state) {
        if (call.behaviour().strictCustomers()
                && state.customer(call.customerId()).isEmpty()) {
            throw new RefusedException(404, "Customer not found");
        }
    }

    private static Answer added(AnswerShape shape, List<Device> devices) {
        return switch (shape) {
            case DEVICES -> Answer.of(201, Json.object().set("devices", array(devices, Device::toPageJson)));
            case ENVELOPE ->
                Answer.envelope(201, "Customer devices created successfully", array(devices, Device::toClientJson));
            case BARE_ARRAY -> Answer.of(201, array(devices, Device::toPageJson));
        };
    }

    private static ArrayNode array(List<Device> devices, Function<Device, JsonNode> form) {
        ArrayNode array = Json.array();
        devices.forEach(device -> array.add(form.apply(device)));
        return array;
    }
}
