package io.deviceregistry.sandbox.bunce;

import io.deviceregistry.sandbox.bunce.Behaviour.Fault;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A request as it arrived and the status it was given. The key is not kept.
 *
 * @param arrived when all of it had been read
 * @param at when it took effect, or was found to have none
 * @param path as sent, still encoded, with the query if there was one
 * @param authorized whether {@code X-Authorization} equalled the sandbox's key
 * @param body the text as sent; empty if there was none or it was over the size limit
 * @param status what it was answered with, or would have been if the fault had let the answer through
 * @param fault what went wrong with it, or null
 */
public record RecordedRequest(
        Instant arrived,
        Instant at,
        String method,
        String path,
        boolean authorized,
        String body,
        int status,
        Fault.@Nullable Kind fault) {}
