package io.deviceregistry.sandbox.bunce;

import io.deviceregistry.sandbox.bunce.Behaviour.Refusal;
import io.deviceregistry.sandbox.bunce.Behaviour.Throttle;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The behaviour in force, whose counters go down by exactly one for each call they catch. */
final class CurrentBehaviour {

    private final AtomicReference<Behaviour> current = new AtomicReference<>(Behaviour.normal());

    Behaviour get() {
        return current.get();
    }

    void set(Behaviour behaviour) {
        current.set(behaviour);
    }

    /** The answer a throttle or a refusal has for this call, or null if it may go on. */
    @Nullable Answer intercept() {
        while (true) {
            Behaviour before = current.get();
            Throttle throttle = before.throttle();
            Refusal refusal = before.refusal();
            if (throttle != null) {
                if (current.compareAndSet(before, before.withThrottle(next(throttle)))) {
                    String retryAfter = throttle.retryAfter();
                    return Answer.throttled(retryAfter == null ? Map.of() : Map.of("Retry-After", retryAfter));
                }
            } else if (refusal != null) {
                if (current.compareAndSet(before, before.withRefusal(next(refusal)))) {
                    return Answer.error(refusal.status(), refusal.message());
                }
            } else {
                return null;
            }
        }
    }

    private static @Nullable Throttle next(Throttle throttle) {
        Integer times = throttle.times();
        if (times == null) {
            return throttle;
        }
        return times == 1 ? null : new Throttle(times - 1, throttle.retryAfter());
    }

    private static @Nullable Refusal next(Refusal refusal) {
        Integer times = refusal.times();
        if (times == null) {
            return refusal;
        }
        return times == 1 ? null : new Refusal(times - 1, refusal.status(), refusal.message());
    }
}
