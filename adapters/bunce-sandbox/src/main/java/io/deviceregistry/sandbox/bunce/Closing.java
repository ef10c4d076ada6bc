package io.deviceregistry.sandbox.bunce;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Whether the sandbox closes, which ends every wait in it. */
final class Closing {

    private final CountDownLatch latch = new CountDownLatch(1);

    void begin() {
        latch.countDown();
    }

    /** Returns after the time, or as soon as the sandbox closes. */
    void await(Duration time) {
        try {
            latch.await(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
