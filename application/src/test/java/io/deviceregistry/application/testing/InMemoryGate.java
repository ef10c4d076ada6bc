package io.deviceregistry.application.testing;

import io.deviceregistry.application.port.out.ProviderGate;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.ProviderId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The gate over a map and one lock. */
public final class InMemoryGate implements ProviderGate {
    private final InstantSource clock;
    private final Map<ProviderId, State> states = new HashMap<>();

    private final Map<ProviderId, SortedMap<Instant, Traffic>> traffic = new HashMap<>();

    private static final class State {
        private Instant nextPermit = Instant.MIN;
        private Instant pausedUntil = Instant.MIN;
        private PauseReason reason = PauseReason.THROTTLED;
        private int failures;
        private @Nullable CustomerId lastToFail;

        /** Set while the breaker is open. */
        private @Nullable Duration probeInterval;

        private @Nullable Suspension suspension;

        void pause(Instant until, PauseReason why) {
            if (until.isAfter(pausedUntil)) {
                pausedUntil = until;
                reason = why;
            }
        }

        void open(Duration interval, Instant now, PauseReason why) {
            probeInterval = interval;
            pause(now.plus(interval), why);
        }

        Optional<Pause> pause(Instant now) {
            if (suspension != null) {
                return Optional.of(new Pause(null, PauseReason.SUSPENDED, suspension));
            }
            return pausedUntil.isAfter(now)
                    ? Optional.of(new Pause(Duration.between(now, pausedUntil), reason, null))
                    : Optional.empty();
        }
    }

    public InMemoryGate(InstantSource clock) {
        this.clock = clock;
    }

    private State state(ProviderId provider) {
        return states.computeIfAbsent(provider, _ -> new State());
    }

    @Override
    public synchronized Permit reserve(ProviderId provider, int requestsPerMinute, Duration patience) {
        Instant now = clock.instant();
        State state = state(provider);
        Optional<Pause> pause = state.pause(now);
        if (pause.isPresent()) {
            Duration remaining = pause.get().remaining();
            return new Permit.Closed(remaining == null ? Duration.ofSeconds(5) : remaining);
        }
        Instant slot = requestsPerMinute > 0 && state.nextPermit.isAfter(now) ? state.nextPermit : now;
        Duration in = Duration.between(now, slot);
        if (in.compareTo(patience) > 0) {
            return new Permit.Closed(in);
        }
        if (requestsPerMinute > 0) {
            state.nextPermit = slot.plus(Duration.ofMillis(61_200).dividedBy(requestsPerMinute));
        }
        if (state.probeInterval != null) {
            state.pausedUntil = slot.plus(state.probeInterval);
        }
        return new Permit.Granted(in, state.failures > 0 || state.probeInterval != null);
    }

    @Override
    public synchronized void pause(ProviderId provider, Duration duration, PauseReason reason) {
        state(provider).pause(clock.instant().plus(duration), reason);
    }

    @Override
    public synchronized void failed(ProviderId provider, CustomerId customer, Breaker breaker) {
        State state = state(provider);
        if (!customer.equals(state.lastToFail)) {
            state.failures++;
            state.lastToFail = customer;
        }
        if (state.failures >= breaker.threshold()) {
            state.open(breaker.probeInterval(), clock.instant(), PauseReason.FAILING);
        }
    }

    @Override
    public synchronized void open(ProviderId provider, Duration probeInterval, PauseReason reason) {
        state(provider).open(probeInterval, clock.instant(), reason);
    }

    @Override
    public synchronized void recovered(ProviderId provider) {
        State state = state(provider);
        state.failures = 0;
        state.lastToFail = null;
        if (state.probeInterval != null && state.reason != PauseReason.THROTTLED) {
            state.pausedUntil = Instant.MIN;
        }
        state.probeInterval = null;
    }

    @Override
    public synchronized void suspend(Caller by, ProviderId provider) {
        State state = state(provider);
        state.suspension = Objects.requireNonNullElseGet(state.suspension, () -> new Suspension(by, clock.instant()));
    }

    @Override
    public synchronized void resume(ProviderId provider) {
        state(provider).suspension = null;
    }

    @Override
    public synchronized void count(ProviderId provider, long sent, long failed) {
        Instant minute = clock.instant().truncatedTo(ChronoUnit.MINUTES);
        traffic.computeIfAbsent(provider, _ -> new TreeMap<>(Comparator.reverseOrder()))
                .merge(
                        minute,
                        new Traffic(minute, sent, failed),
                        (one, other) -> new Traffic(minute, one.sent() + other.sent(), one.failed() + other.failed()));
    }

    @Override
    public synchronized List<Traffic> traffic(ProviderId provider) {
        Instant oldest = clock.instant().truncatedTo(ChronoUnit.MINUTES).minus(Duration.ofMinutes(5));
        return traffic.getOrDefault(provider, new TreeMap<>()).values().stream()
                .filter(one -> !one.minute().isBefore(oldest))
                .toList();
    }

    @Override
    public synchronized Optional<Pause> pauseOf(ProviderId provider) {
        return state(provider).pause(clock.instant());
    }
}
