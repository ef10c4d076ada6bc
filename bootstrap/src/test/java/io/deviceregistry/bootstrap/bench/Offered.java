package io.deviceregistry.bootstrap.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Map;

/**
 * One run of a load generator that takes a refusal for an answer.
 *
 * @param refused what was answered with 503 and a {@code Retry-After}
 * @param p99 in milliseconds, of what was accepted, or more: the generator does not tell how long refusals took, so each
 *     that was slower is taken for a request that was accepted
 * @param cpuSeconds by process
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonNaming(SnakeCaseStrategy.class)
record Offered(
        int connections, long accepted, long refused, double seconds, double p99, Map<String, Double> cpuSeconds) {
    Offered with(Map<String, Double> cpu) {
        return new Offered(connections, accepted, refused, seconds, p99, cpu);
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
