package io.deviceregistry.sandbox.bunce;

import java.util.List;
import org.jspecify.annotations.Nullable;

record CustomerInput(
        @Nullable String email,
        @Nullable String firstName,
        @Nullable String lastName,
        @Nullable String phoneNo,
        List<DeviceInput> devices) {

    static CustomerInput complete(Input input) {
        return new CustomerInput(
                input.text("email"),
                input.text("first_name"),
                input.text("last_name"),
                input.text("phone_no"),
                DeviceInput.list(input));
    }

    static CustomerInput partial(Input input) {
        return new CustomerInput(
                input.optionalText("email"),
                input.optionalText("first_name"),
                input.optionalText("last_name"),
                input.optionalText("phone_no"),
                DeviceInput.list(input));
    }
}
