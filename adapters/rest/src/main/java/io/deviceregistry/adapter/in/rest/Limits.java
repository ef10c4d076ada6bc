package io.deviceregistry.adapter.in.rest;

import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.TooManyDevicesException;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** Names the part of a request by which a customer would have too many devices. */
final class Limits {
    private Limits() {}

    static <T> T named(String pointer, Supplier<T> change) {
        return named(_ -> pointer, change);
    }

    /** @param pointer the part that is of this customer */
    static <T> T named(Function<CustomerId, String> pointer, Supplier<T> change) {
        try {
            return change.get();
        } catch (TooManyDevicesException e) {
            throw new InvalidRequestException(
                    ProblemCode.TOO_MANY_DEVICES, List.of(Fault.at(pointer.apply(e.customer()), e.getMessage())));
        }
    }
}
