package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.IdempotencyKeyReusedException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/** Remembers answers that were given. Every method may throw {@link StoreUnavailableException}. */
public interface IdempotencyRecords {

    /**
     * Works on a request while no other process works on one with the same key. All that the work changes in the store
     * becomes durable together with what it keeps in the slot, or not at all if it throws.
     *
     * @param work may change the store once
     * @return what the work returned; empty if another one with the key is under way
     */
    <T> Optional<T> exclusively(RequestKey key, Function<Slot, T> work);

    /** Where the answer to requests with one key is remembered. */
    interface Slot {

        /** What is remembered, if it is not older than this. */
        Optional<Kept> kept(byte[] request, Duration maxAge);

        /** Remembers an answer. The request is not kept, only what tells it from others; the answer is kept encrypted. */
        void keep(byte[] request, String answer);
    }

    /** @param sameRequest whether the answer was given to that very request */
    record Kept(boolean sameRequest, String answer) {
        @Override
        public String toString() {
            return sameRequest ? "the answer to this request" : "the answer to another request";
        }

        /** @throws IdempotencyKeyReusedException if it was given to another request */
        public Answer repeated() {
            if (!sameRequest) {
                throw new IdempotencyKeyReusedException();
            }
            return new Answer(answer, true);
        }
    }
}
