package io.deviceregistry.bootstrap.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Durable registrations a second, against pgbench with whatever number of clients suits it best. */
final class Registration implements Row {
    static final int CONNECTIONS = 128;

    private static final String NAME = "registration";
    private static final List<Integer> CLIENTS = List.of(16, 32, 64);
    private static final double LEAST = 1.5;
    private static final double SLOWEST = 6;

    @Override
    public void measure(Scene scene, Report report) throws InterruptedException {
        Service service = scene.warmService();
        scene.pgbench("registration.sql", Scene.REFERENCE, 32, Map.of());
        List<Measured> registered = new ArrayList<>();
        Map<Integer, List<Measured>> references = new TreeMap<>();
        for (int round = 1; round <= scene.settings().rounds(); round++) {
            Measured own = scene.register(service, CONNECTIONS);
            report.run(NAME, round, "service", own);
            registered.add(own);
            scene.tell("registration, round %d: service %.0f a second".formatted(round, own.perSecond()));
            for (int clients : CLIENTS) {
                Measured reference = scene.pgbench("registration.sql", Scene.REFERENCE, clients, Map.of());
                report.run(NAME, round, "pgbench", reference);
                references.computeIfAbsent(clients, _ -> new ArrayList<>()).add(reference);
                scene.tell("registration, round %d: pgbench with %d clients %.0f a second"
                        .formatted(round, clients, reference.perSecond()));
            }
        }
        int best = references.keySet().stream()
                .max(Comparator.comparingDouble(
                        clients -> Report.median(references.getOrDefault(clients, List.of()), Measured::perSecond)))
                .orElseThrow();
        double ours = Report.median(registered, Measured::perSecond);
        double theirs = Report.median(references.getOrDefault(best, List.of()), Measured::perSecond);
        report.line(
                "durable registrations a second, %d connections".formatted(CONNECTIONS),
                Report.perSecond(ours),
                "%s: pgbench, %d clients".formatted(Report.perSecond(theirs), best),
                ours / theirs,
                Report.Goal.atLeast(LEAST));
        double p99 = Report.median(registered, Measured::p99);
        double mean = Report.median(references.getOrDefault(64, List.of()), Measured::mean);
        report.line(
                "their p99",
                Report.millis(p99),
                "%s: mean of pgbench, 64 clients".formatted(Report.millis(mean)),
                p99 / mean,
                Report.Goal.atMost(SLOWEST));
    }
}
