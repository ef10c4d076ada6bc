package io.deviceregistry.sandbox.bunce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

record Customer(
        String customerId,
        @Nullable String email,
        @Nullable String firstName,
        @Nullable String lastName,
        @Nullable String phoneNo,
        String createdAt,
        String updatedAt) {

    /** A customer of whom only the id is known. */
    static Customer bare(String customerId, String now) {
        return new Customer(customerId, null, null, null, null, now, now);
    }

    /** Takes over the profile members that are given; the others stay. */
    Customer with(CustomerInput input, String now) {
        return new Customer(
                customerId,
                input.email() == null ? email : input.email(),
                input.firstName() == null ? firstName : input.firstName(),
                input.lastName() == null ? lastName : input.lastName(),
                input.phoneNo() == null ? phoneNo : input.phoneNo(),
                createdAt,
                now);
    }

    JsonNode toJson(List<Device> devices) {
        ObjectNode json = Json.object()
                .put("customer_id", customerId)
                .put("first_name", firstName)
                .put("last_name", lastName)
                .put("email", email)
                .put("phone_no", phoneNo)
                .putNull("providers")
                .put("customer_created_at", createdAt)
                .put("updated_at", updatedAt)
                .putNull("last_interaction");
        ArrayNode list = json.putArray("devices");
        devices.forEach(device -> list.add(device.toClientJson()));
        return json;
    }
}
