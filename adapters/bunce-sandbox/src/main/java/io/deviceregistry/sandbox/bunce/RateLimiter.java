package io.deviceregistry.sandbox.bunce;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** Counts the requests of each address in the last sixty seconds, and shuts an address out for sixty if it exceeds. */
final class RateLimiter {

    private static final Duration WINDOW = Duration.ofSeconds(60);
    private static final Duration BLOCK = Duration.ofSeconds(60);

    private final Map<String, Deque<Instant>> seen = new HashMap<>();
    private final Map<String, Instant> blockedUntil = new HashMap<>();
    private int lastLimit;

    /** How long the address must stay away; zero if the request may pass. A limit of 0 lets everything pass. */
    synchronized Duration admit(String address, int limit, Instant now) {
        if (limit != lastLimit) {
            reset();
            lastLimit = limit;
        }
        if (limit == 0) {
            return Duration.ZERO;
        }
        Instant end = blockedUntil.get(address);
        if (end != null && now.isBefore(end)) {
            return Duration.between(now, end);
        }
        blockedUntil.remove(address);
        Deque<Instant> times = seen.computeIfAbsent(address, any -> new ArrayDeque<>());
        while (!times.isEmpty() && !times.getFirst().isAfter(now.minus(WINDOW))) {
            times.removeFirst();
        }
        if (times.size() >= limit) {
            blockedUntil.put(address, now.plus(BLOCK));
            return BLOCK;
        }
        times.addLast(now);
        return Duration.ZERO;
    }

    synchronized void reset() {
        seen.clear();
        blockedUntil.clear();
    }
}
