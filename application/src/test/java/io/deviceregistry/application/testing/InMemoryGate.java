package io.deviceregistry.application.testing;

import io.deviceregistry.application.port.out.ProviderGate;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.SyncReason;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The gate over two maps and one lock. */
public final class InMemoryGate implements ProviderGate {
    private final InstantSource clock;
    private final Map<ProviderId, Instant> nextPermit = new HashMap<>();
    private final Map<ProviderId, Instant> pausedUntil = new HashMap<>();
    private final Map<ProviderId, SyncReason> reasons = new HashMap<>();

    public InMemoryGate(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public synchronized Permit reserve(ProviderId provider, int requestsPerMinute, Duration patience) {
        Instant now = clock.instant();
        Instant paused = pausedUntil.getOrDefault(provider, Instant.MIN);
        if (paused.isAfter(now)) {
            return new Permit.Closed(Duration.between(now, paused));
        }
        if (requestsPerMinute == 0) {
            return new Permit.Granted(Duration.ZERO);
        }
        Instant next = nextPermit.getOrDefault(provider, Instant.MIN);
        Instant slot = next.isAfter(now) ? next : now;
        Duration in = Duration.between(now, slot);
        if (in.compareTo(patience) > 0) {
            return new Permit.Closed(in);
        }
        nextPermit.put(provider, slot.plus(Duration.ofMillis(61_200).dividedBy(requestsPerMinute)));
        return new Permit.Granted(in);
    }

    @Override
    public synchronized void pause(ProviderId provider, Duration duration, SyncReason reason) {
        Instant until = clock.instant().plus(duration);
        if (until.isAfter(pausedUntil.getOrDefault(provider, Instant.MIN))) {
            pausedUntil.put(provider, until);
            reasons.put(provider, reason);
        }
    }

    @Override
    public synchronized Optional<Pause> pauseOf(ProviderId provider) {
        Duration remaining = Duration.between(clock.instant(), pausedUntil.getOrDefault(provider, Instant.EPOCH));
        return remaining.isPositive()
                ? Optional.of(new Pause(remaining, Objects.requireNonNull(reasons.get(provider))))
                : Optional.empty();
    }
}
