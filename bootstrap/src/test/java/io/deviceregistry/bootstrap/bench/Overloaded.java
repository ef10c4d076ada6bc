package io.deviceregistry.bootstrap.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Map;

/**
 * A run in which more was asked for than can be done. Latencies are in milliseconds.
 *
 * @param p99 of what was accepted, or more: the generator does not tell those apart that were refused, so that each that
 *     was slower is taken for one that was accepted
 * @param cpuSeconds by process
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonNaming(SnakeCaseStrategy.class)
record Overloaded(
        int connections, long accepted, long refused, double seconds, double p99, Map<String, Double> cpuSeconds) {
    Overloaded with(Map<String, Double> cpu) {
        return new Overloaded(connections, accepted, refused, seconds, p99, cpu);
    }

    /** Of what was accepted. */
    @JsonProperty
    double perSecond() {
        return accepted / seconds;
    }

    @JsonProperty
    double offeredPerSecond() {
        return (accepted + refused) / seconds;
    }
}
