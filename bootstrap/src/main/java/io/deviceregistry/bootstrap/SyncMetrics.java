package io.deviceregistry.bootstrap;

import io.deviceregistry.application.port.in.InspectSync;
import io.deviceregistry.application.port.in.InspectSync.Standing;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * How the providers stand, as gauges. Every replica tells the same, since all of it is in the database. Requests to
 * providers and their times are in {@code http_client_requests_seconds}.
 */
@ApplicationScoped
class SyncMetrics {
    private static final Logger LOG = System.getLogger(SyncMetrics.class.getName());

    private final InspectSync inspectSync;
    private final ByTheClock clock;
    private final MultiGauge pending;
    private final MultiGauge parked;
    private final MultiGauge unsupported;
    private final MultiGauge oldestPending;
    private final MultiGauge twoHolders;
    private final MultiGauge paused;
    private final MultiGauge drift;

    SyncMetrics(InspectSync inspectSync, ByTheClock clock, MeterRegistry registry) {
        this.inspectSync = inspectSync;
        this.clock = clock;
        pending = gauge(registry, "pending", "Devices of which a provider is to be told, by lane");
        parked = gauge(registry, "parked", "Devices that wait for a person or new information, by reason");
        unsupported = gauge(registry, "unsupported", "Devices of which a provider cannot be told");
        oldestPending = gauge(registry, "oldest.pending.seconds", "For how long the first in line has been pending");
        twoHolders = gauge(
                registry, "two.holders", "Tokens whose former holder a provider still knows: pushes go astray; alert");
        paused = gauge(registry, "paused", "1 while a provider is not sent to, by reason");
        drift = gauge(registry, "drift", "Devices that comparisons found to differ so far, by kind");
    }

    private static MultiGauge gauge(MeterRegistry registry, String name, String description) {
        return MultiGauge.builder("registry.sync." + name)
                .description(description)
                .register(registry);
    }

    @Scheduled(every = "${registry.sync.metrics-interval}", concurrentExecution = ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void refresh() {
        clock.run(this::count);
    }

    private void count() {
        try {
            show(inspectSync.standing());
        } catch (StoreUnavailableException e) {
            LOG.log(Level.WARNING, "The gauges of the sync wait for the store: {0}", String.valueOf(e.getCause()));
        }
    }

    private void show(List<Standing> standing) {
        pending.register(byKey(standing, "lane", one -> one.totals().pending()), true);
        parked.register(byKey(standing, "reason", one -> one.totals().parked()), true);
        drift.register(byKey(standing, "kind", Standing::drift), true);
        unsupported.register(each(standing, one -> one.totals().unsupported()), true);
        twoHolders.register(each(standing, one -> one.totals().twoHolders()), true);
        oldestPending.register(each(standing, SyncMetrics::oldestSeconds), true);
        paused.register(
                standing.stream()
                        .map(one -> Row.of(
                                tags(one)
                                        .and(
                                                "reason",
                                                one.pause() == null
                                                        ? "none"
                                                        : one.pause().reason().name()),
                                one.pause() == null ? 0 : 1))
                        .toList(),
                true);
    }

    private static double oldestSeconds(Standing standing) {
        var oldest = standing.totals().oldestPending();
        return oldest == null ? 0 : oldest.toMillis() / 1_000.0;
    }

    private static List<Row<?>> each(List<Standing> standing, Function<Standing, Number> value) {
        return standing.stream()
                .<Row<?>>map(one -> Row.of(tags(one), value.apply(one)))
                .toList();
    }

    private static List<Row<?>> byKey(
            List<Standing> standing, String tag, Function<Standing, ? extends Map<? extends Enum<?>, Long>> numbers) {
        List<Row<?>> rows = new ArrayList<>();
        for (Standing one : standing) {
            numbers.apply(one)
                    .forEach((key, number) -> rows.add(Row.of(tags(one).and(tag, key.name()), number)));
        }
        return rows;
    }

    private static Tags tags(Standing standing) {
        return Tags.of("provider", standing.provider().value());
    }
}
