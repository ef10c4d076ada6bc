package io.deviceregistry.adapter.out.postgres;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What time it is by the database's clock, by when it was read: late by as long as the answer was on its way. Of several
 * readings that with the quickest answer counts, for a while.
 */
final class DatabaseClock {
    /** In which a clock neither drifts, nor is set right, by more than matters. */
    private static final Duration TRUSTED = Duration.ofSeconds(1);

    /** Before it is not trusted any more, a reading gives way to any later one. */
    private static final Duration PREFERRED = TRUSTED.dividedBy(2);

    private final AtomicReference<@Nullable Reading> best = new AtomicReference<>();

    private record Reading(Instant time, long nanos) {
        Instant timeAt(long now) {
            return time.plusNanos(now - nanos);
        }

        boolean isYoungerThan(Duration age, long now) {
            return now - nanos < age.toNanos();
        }
    }

    /** @param time that has just arrived from the database */
    void read(Instant time) {
        long now = System.nanoTime();
        best.updateAndGet(reading -> reading != null
                        && reading.isYoungerThan(PREFERRED, now)
                        && reading.timeAt(now).isAfter(time)
                ? reading
                : new Reading(time, now));
    }

    /** To the microsecond, as the database has it; empty if it was not read for a while. */
    Optional<Instant> now() {
        long now = System.nanoTime();
        return Optional.ofNullable(best.get())
                .filter(reading -> reading.isYoungerThan(TRUSTED, now))
                .map(reading -> reading.timeAt(now).truncatedTo(ChronoUnit.MICROS));
    }
}
