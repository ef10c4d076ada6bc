package io.deviceregistry.sandbox.bunce;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object of a request and where it stands, so that a 422 can name the member at fault ({@code
 * devices.0.device_type}). Null counts as absent.
 */
record Input(JsonNode json, String path) {

    static Input of(JsonNode json) {
        if (!json.isObject()) {
            throw new RefusedException(422, "The request body must be a JSON object");
        }
        return new Input(json, "");
    }

    String text(String name) {
        String value = optionalText(name);
        if (value == null) {
            throw fault(name, "is required");
        }
        return value;
    }

    @Nullable String optionalText(String name) {
        JsonNode value = json.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (!value.isTextual() || value.textValue().isBlank()) {
            throw fault(name, "must be text that is not blank");
        }
        return value.textValue();
    }

    /** The objects of an array; none if the array is absent. */
    List<Input> objects(String name) {
        JsonNode array = json.path(name);
        if (array.isMissingNode() || array.isNull()) {
            return List.of();
        }
        if (!array.isArray()) {
            throw fault(name, "must be an array");
        }
        return objects(array, path + name);
    }

    static List<Input> objects(JsonNode array, String path) {
        List<Input> inputs = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            String here = path + "." + i;
            if (!array.path(i).isObject()) {
                throw new RefusedException(422, here + " must be an object");
            }
            inputs.add(new Input(array.path(i), here + "."));
        }
        return inputs;
    }

    RefusedException fault(String name, String what) {
        return new RefusedException(422, path + name + " " + what);
    }
}
