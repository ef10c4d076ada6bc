package io.deviceregistry.application.port.out;

/**
 * What makes two requests the same one, repeated.
 *
 * @param caller who asks
 * @param operation what is asked for, such as a method and a path
 * @param key the caller's own name of the request
 */
public record RequestKey(String caller, String operation, String key) {}
