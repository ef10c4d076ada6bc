package io.deviceregistry.application.port.out;

/**
 * What an {@link IdempotentRequest} is answered.
 *
 * @param repeated whether it is the answer to an earlier, equal request
 */
public record Answer(String content, boolean repeated) {}
