package io.deviceregistry.adapter.in.rest;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.deviceregistry.domain.Caller;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/** Counts requests by their callers, and refuses those of a caller who has too many, lest others wait for them. */
@ApplicationScoped
@Startup // so that a bad limit stops the start
class CallerLimits {
    /** A metric has a series for each of so many callers, and one for all others together. */
    static final int MOST_NAMED = 100;

    private static final String OTHERS = "others";
    private static final String KEY_OF = "registry.requests-per-second-of";
    private static final String EXAMPLE = "such as shop-backend=20,batch=50";
    private static final Pattern ENTRY = Pattern.compile("(.+)=([1-9]\\d{0,8})");
    private static final int MOST_REMEMBERED = 10_000;

    /** A bucket is full again long before. */
    private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(10);

    private final CurrentCaller current;
    private final Map<String, Integer> limits;
    private final OptionalInt limitOfOthers;
    private final MeterRegistry metrics;
    private final Map<String, Counter> counters = new ConcurrentHashMap<>();
    private final LoadingCache<String, Bucket> buckets = Caffeine.newBuilder()
            .maximumSize(MOST_REMEMBERED)
            .expireAfterAccess(FORGOTTEN_AFTER)
            .build(this::bucket);

    CallerLimits(CurrentCaller current, AccessConfig config, MeterRegistry metrics) {
        this.current = current;
        this.limits = limits(config.requestsPerSecondOf().orElse(List.of()));
        this.limitOfOthers = config.requestsPerSecond();
        this.metrics = metrics;
        if (limitOfOthers.isPresent() && limitOfOthers.getAsInt() < 1) {
            throw new IllegalArgumentException("registry.requests-per-second must be at least 1");
        }
    }

    /**
     * @param entries each a caller's name, an equals sign and a number
     * @throws IllegalArgumentException naming the setting and the entry that makes no sense
     */
    static Map<String, Integer> limits(List<String> entries) {
        Map<String, Integer> limits = new HashMap<>();
        for (String entry : entries) {
            Matcher parts = ENTRY.matcher(entry);
            if (!parts.matches() || !Caller.isName(parts.group(1))) {
                throw new IllegalArgumentException(
                        "%s must be a list of callers, each with a number of at least 1, %s; \"%s\" is none"
                                .formatted(KEY_OF, EXAMPLE, entry));
            }
            if (limits.put(parts.group(1), Integer.valueOf(parts.group(2))) != null) {
                throw new IllegalArgumentException("%s names \"%s\" twice".formatted(KEY_OF, parts.group(1)));
            }
        }
        return Map.copyOf(limits);
    }

    @ServerRequestFilter
    void admit() {
        if (!current.isKnown()) {
            // What needs no caller, and what is refused for want of one.
            return;
        }
        Caller caller = current.caller();
        counter(caller.name()).increment();
        if (limit(caller.name()) != null) {
            ConsumptionProbe probe = buckets.get(caller.name()).tryConsumeAndReturnRemaining(1);
            if (!probe.isConsumed()) {
                throw new TooManyRequestsException(Duration.ofNanos(probe.getNanosToWaitForRefill()));
            }
        }
    }

    private Counter counter(String caller) {
        String name = counters.containsKey(caller) || counters.size() < MOST_NAMED ? caller : OTHERS;
        return counters.computeIfAbsent(
                name,
                tag -> Counter.builder("registry.requests")
                        .description("Requests by their callers")
                        .tag("caller", tag)
                        .register(metrics));
    }

    private @Nullable Integer limit(String caller) {
        Integer own = limits.get(caller);
        return own == null && limitOfOthers.isPresent() ? Integer.valueOf(limitOfOthers.getAsInt()) : own;
    }

    /** Lets a second's worth through at once, and goes on evenly. */
    private Bucket bucket(String caller) {
        Integer limit = limit(caller);
        int perSecond = limit == null ? Integer.MAX_VALUE : limit;
        return Bucket.builder()
                .addLimit(bandwidth -> bandwidth.capacity(perSecond).refillGreedy(perSecond, Duration.ofSeconds(1)))
                .build();
    }
}
