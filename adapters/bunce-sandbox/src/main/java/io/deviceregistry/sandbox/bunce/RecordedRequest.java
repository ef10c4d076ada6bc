package io.deviceregistry.sandbox.bunce;

import java.time.Instant;

/**
 * A request as it arrived and the status it was given. The key is not kept.
 *
 * @param path as sent, still encoded, with the query if there was one
 * @param authorized whether {@code X-Authorization} equalled the sandbox's key
 * @param body the text as sent; empty if there was none or it was over the size limit
 */
public record RecordedRequest(Instant at, String method, String path, boolean authorized, String body, int status) {}
