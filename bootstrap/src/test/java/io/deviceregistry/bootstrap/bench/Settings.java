package io.deviceregistry.bootstrap.bench;

/**
 * How much is done.
 *
 * @param seconds of each run of a load generator
 * @param rounds of which the median counts
 * @param listed customers whose devices are listed
 */
record Settings(int seconds, int rounds, int listed) {
    static final Settings FULL = new Settings(15, 5, 50_000);
    static final Settings QUICK = new Settings(4, 3, 5_000);

    Settings {
        if (seconds < 1 || rounds < 1) {
            throw new IllegalArgumentException("A run takes a second and a round at least");
        }
    }

    Settings withSeconds(int value) {
        return new Settings(value, rounds, listed);
    }

    Settings withRounds(int value) {
        return new Settings(seconds, value, listed);
    }
}
