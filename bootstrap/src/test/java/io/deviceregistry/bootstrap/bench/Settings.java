package io.deviceregistry.bootstrap.bench;

import java.util.List;

/**
 * How much is done.
 *
 * @param seconds of each run of a load generator
 * @param rounds of which the median counts; rows that take long have fewer
 * @param listed customers whose devices are listed
 * @param delivered devices that a provider is told of in a round
 * @param imported rows of the file
 * @param remembered registrations after which the memory is looked at
 * @param stored devices that the large database has in the end
 * @param connections that are compared
 */
record Settings(
        int seconds,
        int rounds,
        int listed,
        int delivered,
        int imported,
        int remembered,
        int stored,
        List<Integer> connections) {
    static final Settings FULL =
            new Settings(15, 5, 50_000, 100_000, 1_000_000, 1_000_000, 10_000_000, List.of(1, 8, 32, 64, 128, 256));
    static final Settings QUICK =
            new Settings(4, 3, 5_000, 5_000, 50_000, 20_000, 200_000, List.of(1, 8, 32, 64, 128, 256));

    Settings {
        if (seconds < 1 || rounds < 1) {
            throw new IllegalArgumentException("A run takes a second and a round at least");
        }
    }

    Settings withSeconds(int value) {
        return new Settings(value, rounds, listed, delivered, imported, remembered, stored, connections);
    }

    Settings withRounds(int value) {
        return new Settings(seconds, value, listed, delivered, imported, remembered, stored, connections);
    }

    /** Of what takes minutes. */
    int longRounds() {
        return Math.min(rounds, 3);
    }
}
