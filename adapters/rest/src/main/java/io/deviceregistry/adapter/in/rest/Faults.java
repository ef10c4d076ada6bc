package io.deviceregistry.adapter.in.rest;

import io.deviceregistry.domain.InvalidMembersException;
import io.deviceregistry.domain.InvalidValueException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Collects what is wrong with a request, so that the caller hears of all of it. */
final class Faults {
    private final List<Fault> all = new ArrayList<>();

    void add(Fault fault) {
        all.add(fault);
    }

    /** The value made of a part of the path, the query or a header; empty, and a fault, if it breaks the value's rules. */
    <T> Optional<T> parameter(String name, String text, Function<String, T> parse) {
        try {
            return Optional.of(parse.apply(text));
        } catch (InvalidValueException e) {
            add(Fault.ofParameter(name, e.getMessage()));
            return Optional.empty();
        }
    }

    /** As {@link #parameter}; empty, and no fault, if there is none. */
    <T> Optional<T> optionalParameter(String name, @Nullable String text, Function<String, T> parse) {
        return text == null ? Optional.empty() : parameter(name, text, parse);
    }

    /** The value made of a member; empty if the text is missing or, which is a fault, breaks the value's rules. */
    <T> Optional<T> member(String pointer, @Nullable String text, Function<String, T> parse) {
        if (text == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(parse.apply(text));
        } catch (InvalidValueException e) {
            add(Fault.at(pointer, e.getMessage()));
            return Optional.empty();
        }
    }

    /** What a value found wrong with members of an object. */
    void addAll(JsonObject object, InvalidMembersException exception) {
        exception.violations().forEach(violation -> add(object.fault(violation.path(), violation.rule())));
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    /** All faults in one sentence, for an answer that has no place for a list. */
    String asText() {
        return all.stream().map(Fault::asText).distinct().collect(Collectors.joining("; "));
    }

    /** @throws InvalidRequestException if anything was wrong */
    void throwIfAny() {
        if (!all.isEmpty()) {
            throw new InvalidRequestException(all);
        }
    }
}
