package io.deviceregistry.adapter.in.rest;

import io.deviceregistry.domain.InvalidValueException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Collects what is wrong with a request, so that the caller hears of all of it. */
final class Faults {
    private final List<Fault> all = new ArrayList<>();

    void add(Fault fault) {
        all.add(fault);
    }

    /** The value made of a part of the path; empty, and a fault, if it breaks the value's rules. */
    <T> Optional<T> parameter(String name, String text, Function<String, T> parse) {
        try {
            return Optional.of(parse.apply(text));
        } catch (InvalidValueException e) {
            add(Fault.ofParameter(name, e.getMessage()));
            return Optional.empty();
        }
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

    /** @throws InvalidRequestException if anything was wrong */
    void throwIfAny() {
        if (!all.isEmpty()) {
            throw new InvalidRequestException(all);
        }
    }
}
