package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An object of a request's body, read member by member. What does not fit is added to the faults with its pointer, and
 * reads as absent.
 */
final class JsonObject {
    private final String pointer;
    private final ObjectNode node;
    private final Set<String> members;
    private final Faults faults;

    /** Whether names that are not known are kept back. */
    private final boolean discreet;

    private JsonObject(String pointer, ObjectNode node, Set<String> members, Faults faults, boolean discreet) {
        this.pointer = pointer;
        this.node = node;
        this.members = members;
        this.faults = faults;
        this.discreet = discreet;
    }

    /** The whole body; it must be an object with these members at most. */
    static @Nullable JsonObject body(JsonNode body, Set<String> members, Faults faults) {
        return of("", body, members, faults, false);
    }

    /**
     * An object whose faults are kept and shown to others than who sent it. A name that is not known may be a token that
     * was put in the wrong place, so faults do not tell it.
     */
    static @Nullable JsonObject discreet(JsonNode node, Set<String> members, Faults faults) {
        return of("", node, members, faults, true);
    }

    private static @Nullable JsonObject of(
            String pointer, JsonNode node, Set<String> members, Faults faults, boolean discreet) {
        if (!(node instanceof ObjectNode object)) {
            faults.add(Fault.at(pointer, "must be an object"));
            return null;
        }
        JsonObject read = new JsonObject(pointer, object, members, faults, discreet);
        object.fieldNames().forEachRemaining(name -> {
            if (!members.contains(name)) {
                faults.add(
                        discreet
                                ? Fault.at(pointer, "has a member that is not known here")
                                : Fault.at(read.pointerTo(name), "is not a member known here"));
            }
        });
        return read;
    }

    /** The pointer to a member, whether it is there or not. */
    String pointerTo(String member) {
        return pointerTo(List.of(member));
    }

    /** What is wrong with a member, or with a member of a member. */
    Fault fault(List<String> path, String detail) {
        if (!discreet || (path.size() == 1 && members.contains(path.getFirst()))) {
            return Fault.at(pointerTo(path), detail);
        }
        return Fault.at(
                members.contains(path.getFirst()) ? pointerTo(path.getFirst()) : pointer,
                "has a member that " + detail);
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
            faults.add(fault(List.of(member), "must be a string"));
            return null;
        }
        return value.textValue();
    }

    /** Whether the member is there, be it null. */
    boolean has(String member) {
        return node.has(member);
    }

    /** Whether the member is there and not null. */
    boolean hasValue(String member) {
        return node.hasNonNull(member);
    }

    /** False if absent or null. */
    boolean optionalBoolean(String member) {
        if (node.hasNonNull(member) && !node.get(member).isBoolean()) {
            faults.add(Fault.at(pointerTo(member), "must be true or false"));
        }
        return node.path(member).asBoolean();
    }

    /** The value made of a text; null if absent, null or, which is a fault, not of its form. */
    <T> @Nullable T optionalValue(String member, Function<String, T> parse) {
        return faults.member(pointerTo(member), optionalText(member), parse).orElse(null);
    }

    /** Null if absent or null. */
    @Nullable Integer optionalInteger(String member, int min, int max) {
        if (!node.hasNonNull(member)) {
            return null;
        }
        JsonNode value = node.get(member);
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < min || value.intValue() > max) {
            faults.add(Fault.at(pointerTo(member), "must be a whole number from " + min + " to " + max));
            return null;
        }
        return value.intValue();
    }

    /** Null if absent or null. */
    @Nullable JsonObject optionalObject(String member, Set<String> members) {
        return node.hasNonNull(member) ? of(pointerTo(member), node.get(member), members, faults, discreet) : null;
    }

    /** An object whose members may have any name and must be strings; empty if absent or null. */
    Map<String, String> optionalTexts(String member) {
        Map<String, String> texts = new LinkedHashMap<>();
        if (node.hasNonNull(member)) {
            if (node.get(member) instanceof ObjectNode object) {
                JsonObject inner = new JsonObject(pointerTo(member), object, Set.of(), faults, discreet);
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

    /** The elements of an array, whatever they are; none if it is not such an array. */
    List<JsonNode> requiredElements(String member, int min, int max) {
        if (!node.has(member)) {
            faults.add(Fault.at(pointerTo(member), "is required"));
            return List.of();
        }
        return elements(pointerTo(member), node.get(member), min, max, faults);
    }

    /** The objects of an array, null where an element is something else; none if it is not such an array. */
    List<@Nullable JsonObject> requiredObjects(String member, int min, int max, Set<String> members) {
        return objects(pointerTo(member), requiredElements(member, min, max), members, faults);
    }

    /** As {@link #requiredObjects}; none if absent or null. */
    List<@Nullable JsonObject> optionalObjects(String member, int max, Set<String> members) {
        return node.hasNonNull(member) ? requiredObjects(member, 0, max, members) : List.of();
    }

    /** As {@link #requiredObjects}, of a body that is an array itself. */
    static List<@Nullable JsonObject> bodyObjects(JsonNode body, int min, int max, Set<String> members, Faults faults) {
        return objects("", elements("", body, min, max, faults), members, faults);
    }

    private static List<JsonNode> elements(String pointer, JsonNode array, int min, int max, Faults faults) {
        if (!array.isArray()) {
            faults.add(Fault.at(pointer, "must be an array"));
            return List.of();
        }
        if (array.size() < min || array.size() > max) {
            faults.add(Fault.at(pointer, "must have " + min + " to " + max + " elements"));
            return List.of();
        }
        List<JsonNode> elements = new ArrayList<>();
        array.forEach(elements::add);
        return elements;
    }

    private static List<@Nullable JsonObject> objects(
            String pointer, List<JsonNode> elements, Set<String> members, Faults faults) {
        List<@Nullable JsonObject> objects = new ArrayList<>();
        for (JsonNode element : elements) {
            objects.add(of(pointer + "/" + objects.size(), element, members, faults, false));
        }
        return objects;
    }
}
