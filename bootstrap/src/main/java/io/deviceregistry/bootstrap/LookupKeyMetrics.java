package io.deviceregistry.bootstrap;

import io.deviceregistry.application.port.in.InspectLookupKey;
import io.deviceregistry.application.port.out.LookupKey;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;

/**
 * How far the replacement of the lookup key is, as gauges, all 0 while there is none. Every replica tells the same, since
 * all of it is in the database; there is nothing to see before it was asked.
 */
@ApplicationScoped
class LookupKeyMetrics {
    private static final Logger LOG = System.getLogger(LookupKeyMetrics.class.getName());

    private final InspectLookupKey inspectLookupKey;
    private final ByTheClock clock;
    private final MultiGauge underWay;
    private final MultiGauge devicesLeft;
    private final MultiGauge notesLeft;
    private final MultiGauge unreadable;

    LookupKeyMetrics(InspectLookupKey inspectLookupKey, ByTheClock clock, MeterRegistry registry) {
        this.inspectLookupKey = inspectLookupKey;
        this.clock = clock;
        underWay = gauge(registry, "replacement.seconds", "For how long the lookup key has been being replaced");
        devicesLeft = gauge(registry, "devices.left", "Devices that cannot be found by the next lookup key yet");
        notesLeft = gauge(registry, "notes.left", "Notes of tokens that were given up, likewise");
        unreadable = gauge(
                registry, "unreadable.devices", "Devices whose token cannot be opened, so that the key stays; alert");
    }

    private static MultiGauge gauge(MeterRegistry registry, String name, String description) {
        return MultiGauge.builder("registry.lookup.key." + name)
                .description(description)
                .register(registry);
    }

    @Scheduled(every = "${registry.sync.metrics-interval}", concurrentExecution = ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void refresh() {
        clock.run(this::look);
    }

    private void look() {
        try {
            show(inspectLookupKey.state());
        } catch (StoreUnavailableException e) {
            LOG.log(Level.WARNING, "The gauges of the lookup key wait for the store: {0}", e.getCause());
        }
    }

    private void show(LookupKey key) {
        show(underWay, key.underWay().toMillis() / 1_000.0);
        show(devicesLeft, key.devicesLeft());
        show(notesLeft, key.notesLeft());
        show(unreadable, key.unreadable());
    }

    private static void show(MultiGauge gauge, Number number) {
        gauge.register(List.of(Row.of(Tags.empty(), number)), true);
    }
}
