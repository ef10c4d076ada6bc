package io.deviceregistry.bootstrap.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Map;

/**
 * So many devices in so long.
 *
 * @param cpuSeconds by process
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonNaming(SnakeCaseStrategy.class)
record Amount(long devices, double seconds, double perSecond, Map<String, Double> cpuSeconds) {
    Amount(long devices, double seconds, Map<String, Double> cpuSeconds) {
        this(devices, seconds, devices / seconds, cpuSeconds);
    }

    /** What a process used for a thousand of them; 0 where the system does not tell. */
    double cpuPerThousand(String process) {
        return cpuSeconds.getOrDefault(process, 0.0) * 1_000 / devices;
    }
}
