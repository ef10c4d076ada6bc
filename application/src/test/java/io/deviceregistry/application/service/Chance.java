package io.deviceregistry.application.service;

import java.util.random.RandomGenerator;

/** Random numbers that are always at one end of what was asked for. */
enum Chance implements RandomGenerator {
    LOWEST {
        @Override
        public long nextLong(long bound) {
            return 0;
        }
    },
    HIGHEST {
        @Override
        public long nextLong(long bound) {
            return bound - 1;
        }
    };

    @Override
    public long nextLong() {
        throw new UnsupportedOperationException("Only bounded numbers are at an end");
    }
}
