package io.deviceregistry.application.port.in;

import io.deviceregistry.application.port.out.RequestKey;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.IdempotencyKeyReusedException;
import io.deviceregistry.domain.RequestUnderWayException;
import java.util.function.Supplier;

/** Lets a request that is repeated take effect once. */
public interface AnswerOnce {

    /** @param repeated whether it is the answer to an earlier, equal request */
    record Answer(String content, boolean repeated) {}

    /**
     * Does the work and remembers its answer together with what it changed, in one transaction; or finds the answer that
     * was remembered. Work that throws is not remembered.
     *
     * @param request what tells the request from others with the same key
     * @param work one call of a use case that changes something, and the rendering of its result
     * @throws RequestUnderWayException if an equal request is being worked on
     * @throws IdempotencyKeyReusedException if the key was used for another request
     * @throws StoreUnavailableException if the store could not be reached or did not answer in time; repeating the call
     *     is safe
     */
    Answer once(RequestKey key, byte[] request, Supplier<String> work);
}
