package io.deviceregistry.sandbox.bunce;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;

/** A sandbox of its own for each test, on a clock that stands still until it is moved. */
abstract class SandboxTest {

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-02T03:04:05.678Z"));
    private final InstantSource clock = now::get;

    final BunceSandbox sandbox = BunceSandbox.start(new SandboxOptions(0, Caller.API_KEY, null), clock);
    final Caller bunce = Caller.of(sandbox);

    @AfterEach
    void closeSandbox() {
        sandbox.close();
    }

    Instant now() {
        return now.get();
    }

    void advance(Duration time) {
        now.updateAndGet(before -> before.plus(time));
    }
}
