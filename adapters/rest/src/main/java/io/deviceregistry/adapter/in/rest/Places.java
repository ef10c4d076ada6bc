package io.deviceregistry.adapter.in.rest;

import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/** For requests that take long, so that a replica has a few of a kind at once and the others find it free. */
final class Places {
    private final Semaphore free;

    /** @param oneIn of the requests that are worked on at once, the part that may be of this kind; one is always */
    Places(AccessConfig config, int oneIn) {
        this.free = new Semaphore(Math.max(1, config.maxConcurrentRequests() / oneIn));
    }

    /**
     * To be closed, which may be repeated.
     *
     * @throws NoPlaceException if none is free
     */
    Place take() {
        if (!free.tryAcquire()) {
            throw new NoPlaceException();
        }
        return new Place();
    }

    /**
     * Until the answer has been given, or whoever waited for it is gone.
     *
     * @throws NoPlaceException if none is free
     */
    void takeUntilAnswered(RoutingContext context) {
        Place place = take();
        context.addEndHandler(_ -> place.close());
        HttpServerResponse response = context.response();
        if (response.closed() || response.ended()) {
            // Maybe the handler came too late to be called.
            place.close();
        }
    }

    final class Place implements AutoCloseable {
        private final AtomicBoolean taken = new AtomicBoolean(true);

        @Override
        public void close() {
            if (taken.getAndSet(false)) {
                free.release();
            }
        }
    }
}
