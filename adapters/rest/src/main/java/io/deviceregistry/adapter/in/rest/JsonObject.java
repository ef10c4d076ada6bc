package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An object of a request's body, read member by member. What does not fit is added to the faults with its pointer, and
 * reads as absent.
 */
final class JsonObject {
    private final String pointer;
    private final ObjectNode node;
    private final Faults faults;

    private JsonObject(String pointer, ObjectNode node, Faults faults) {
        this.pointer = pointer;
        this.node = node;
        this.faults = faults;
    }

    /** The whole body; it must be an object with these members at most. */
    static @Nullable JsonObject body(JsonNode body, Set<String> members, Faults faults) {
        return of("", body, members, faults);
    }

    private static @Nullable JsonObject of(String pointer, JsonNode node, Set<String> members, Faults faults) {
        if (!(node instanceof ObjectNode object)) {
            faults.add(Fault.at(pointer, "must be an object"));
            return null;
        }
        JsonObject read = new JsonObject(pointer, object, faults);
        object.fieldNames().forEachRemaining(name -> {
            if (!members.contains(name)) {
                faults.add(Fault.at(read.pointerTo(name), "is not a member known here"));
            }
        });
        return read;
    }

    /** The pointer to a member, whether it is there or not. */
    String pointerTo(String member) {
        return pointerTo(List.of(member));
    }

    /** The pointer to a member of a member. */
    String pointerTo(List<String> path) {
        StringBuilder result = new StringBuilder(pointer);
        path.forEach(name -> result.append('/').append(name.replace("~", "~0").replace("/", "~1")));
        return result.toString();
    }

    @Nullable String requiredText(String member) {
        if (!node.has(member)) {
            faults.add(Fault.at(pointerTo(member), "is required"));
            return null;
        }
        return text(member, node.get(member));
    }

    /** Null if absent or null. */
    @Nullable String optionalText(String member) {
        return node.hasNonNull(member) ? text(member, node.get(member)) : null;
    }

    private @Nullable String text(String member, JsonNode value) {
        if (!value.isTextual()) {
            faults.add(Fault.at(pointerTo(member), "must be a string"));
            return null;
        }
        return value.textValue();
    }

    /** Null if absent or null. */
    @Nullable JsonObject optionalObject(String member, Set<String> members) {
        return node.hasNonNull(member) ? of(pointerTo(member), node.get(member), members, faults) : null;
    }

    /** An object whose members may have any name and must be strings; empty if absent or null. */
    Map<String, String> optionalTexts(String member) {
        Map<String, String> texts = new LinkedHashMap<>();
        if (node.hasNonNull(member)) {
            if (node.get(member) instanceof ObjectNode object) {
                JsonObject inner = new JsonObject(pointerTo(member), object, faults);
                object.fieldNames().forEachRemaining(name -> {
                    String text = inner.text(name, object.get(name));
                    if (text != null) {
                        texts.put(name, text);
                    }
                });
            } else {
                faults.add(Fault.at(pointerTo(member), "must be an object"));
            }
        }
        return texts;
    }

    /** The objects of an array, null where an element is something else. */
    List<@Nullable JsonObject> requiredObjects(String member, int min, int max, Set<String> members) {
        List<@Nullable JsonObject> objects = new ArrayList<>();
        if (!node.has(member)) {
            faults.add(Fault.at(pointerTo(member), "is required"));
        } else if (!node.get(member).isArray()) {
            faults.add(Fault.at(pointerTo(member), "must be an array"));
        } else if (node.get(member).size() < min || node.get(member).size() > max) {
            faults.add(Fault.at(pointerTo(member), "must have " + min + " to " + max + " elements"));
        } else {
            for (JsonNode element : node.get(member)) {
                objects.add(of(pointerTo(member) + "/" + objects.size(), element, members, faults));
            }
        }
        return objects;
    }
}
