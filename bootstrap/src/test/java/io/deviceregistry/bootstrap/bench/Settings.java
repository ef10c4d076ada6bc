package io.deviceregistry.bootstrap.bench;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * How much is done.
 *
 * @param seconds of each run of a load generator
 * @param rounds of which the median counts
 * @param listed customers whose devices are listed
 * @param synced devices that are delivered to the provider
 * @param stored devices that are in the database when the scale is measured
 * @param registered devices after which the memory is measured
 * @param starts of each kind
 */
@JsonNaming(SnakeCaseStrategy.class)
record Settings(int seconds, int rounds, int listed, int synced, int stored, int registered, int starts) {
    static final Settings FULL = new Settings(15, 5, 50_000, 100_000, 10_000_000, 1_000_000, 7);
    static final Settings QUICK = new Settings(4, 3, 5_000, 10_000, 500_000, 50_000, 3);

    Settings {
        if (seconds < 1 || rounds < 1) {
            throw new IllegalArgumentException("A run takes a second and a round at least");
        }
    }

    Settings withSeconds(int value) {
        return new Settings(value, rounds, listed, synced, stored, registered, starts);
    }

    Settings withRounds(int value) {
        return new Settings(seconds, value, listed, synced, stored, registered, starts);
    }
}
