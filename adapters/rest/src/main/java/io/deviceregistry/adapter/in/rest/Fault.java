package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * One thing wrong with a request.
 *
 * @param pointer where in the body, as a JSON pointer (RFC 6901); null if it is not in the body
 * @param parameter the parameter of the path or the query, or the header; null if it is in the body
 * @param detail the rule that was broken, never the value
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Fault(@Nullable String pointer, @Nullable String parameter, String detail) {

    static Fault at(String pointer, String detail) {
        return new Fault(pointer, null, detail);
    }

    String asText() {
        return ((pointer == null ? parameter : pointer) + " " + detail).strip();
    }

    static Fault ofParameter(String name, String detail) {
        return new Fault(null, name, detail);
    }
}
