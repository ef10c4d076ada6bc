package io.deviceregistry.bootstrap.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Map;

/**
 * One run of a load generator. Latencies are in milliseconds.
 *
 * @param perSecond of what succeeded
 * @param failed what was answered with a status of 400 or more
 * @param cpuSeconds by process
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonNaming(SnakeCaseStrategy.class)
record Measured(
        int connections,
        long succeeded,
        long failed,
        double seconds,
        double perSecond,
        double mean,
        double p50,
        double p99,
        Map<String, Double> cpuSeconds) {
    Measured with(Map<String, Double> cpu) {
        return new Measured(connections, succeeded, failed, seconds, perSecond, mean, p50, p99, cpu);
    }
}
