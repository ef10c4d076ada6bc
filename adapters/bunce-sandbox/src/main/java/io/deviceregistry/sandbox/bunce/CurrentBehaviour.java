package io.deviceregistry.sandbox.bunce;

import io.deviceregistry.sandbox.bunce.Behaviour.Fault;
import io.deviceregistry.sandbox.bunce.Behaviour.Refusal;
import io.deviceregistry.sandbox.bunce.Behaviour.Throttle;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The behaviour in force, whose counters go down by exactly one for each call they catch. */
final class CurrentBehaviour {

    private Behaviour current = Behaviour.normal();
    private Random chances = new Random(current.seed());

    synchronized Behaviour get() {
        return current;
    }

    synchronized void set(Behaviour behaviour) {
        current = behaviour;
        chances = new Random(behaviour.seed());
    }

    /** The answer a throttle or a refusal has for this call, or null if it may go on. */
    synchronized @Nullable Answer intercept() {
        Throttle throttle = current.throttle();
        if (throttle != null) {
            current = current.withThrottle(next(throttle));
            String retryAfter = throttle.retryAfter();
            return Answer.throttled(retryAfter == null ? Map.of() : Map.of("Retry-After", retryAfter));
        }
        Refusal refusal = current.refusal();
        if (refusal != null) {
            current = current.withRefusal(next(refusal));
            return Answer.error(refusal.status(), refusal.message());
        }
        return null;
    }

    /** The fault that catches this call, or null if none does. */
    synchronized @Nullable Fault draw() {
        List<Fault> faults = current.faults();
        for (int i = 0; i < faults.size(); i++) {
            Fault fault = faults.get(i);
            if (chances.nextDouble() < fault.chance()) {
                countDown(i);
                return fault;
            }
        }
        return null;
    }

    private void countDown(int index) {
        List<Fault> faults = new ArrayList<>(current.faults());
        Integer times = faults.get(index).times();
        if (times == null) {
            return;
        }
        if (times == 1) {
            faults.remove(index);
        } else {
            faults.set(index, faults.get(index).withTimes(times - 1));
        }
        current = current.withFaults(faults);
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
