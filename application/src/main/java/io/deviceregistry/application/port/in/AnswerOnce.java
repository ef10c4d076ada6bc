package io.deviceregistry.application.port.in;

import io.deviceregistry.application.port.out.Answer;
import io.deviceregistry.application.port.out.IdempotentRequest;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.IdempotencyKeyReusedException;
import io.deviceregistry.domain.RequestUnderWayException;
import java.util.function.Supplier;

/** Lets a request that is repeated take effect once, whatever it is; see also {@link RegisterDevices#registerOnce}. */
public interface AnswerOnce {

    /**
     * Does the work and remembers its answer together with what it changed, in one transaction; or finds the answer that
     * was remembered. Work that throws is not remembered.
     *
     * @param work one call of a use case that changes something, and the rendering of its result
     * @throws RequestUnderWayException if an equal request is being worked on
     * @throws IdempotencyKeyReusedException if the key was used for another request
     * @throws StoreUnavailableException if the store could not be reached or did not answer in time; repeating the call
     *     is safe
     */
    Answer once(IdempotentRequest request, Supplier<String> work);
}
