package io.deviceregistry.application.port.out;

/**
 * What an {@link IdempotentRequest} is answered.
 *
 * @param content may hold tokens
 * @param repeated whether it is the answer to an earlier, equal request
 */
public record Answer(String content, boolean repeated) {
    @Override
    public String toString() {
        return repeated ? "an answer, repeated" : "an answer";
    }
}
