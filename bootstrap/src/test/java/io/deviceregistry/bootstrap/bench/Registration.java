package io.deviceregistry.bootstrap.bench;

import java.util.Map;

/** Durable registrations a second, against pgbench with whatever number of clients suits it best. */
final class Registration implements Row {
    static final int CONNECTIONS = 128;

    private static final String NAME = "registration";
    private static final int MOST_CLIENTS = 64;
    private static final double LEAST = 1.5;
    private static final double SLOWEST = 6;

    @Override
    public void measure(Scene scene, Report report) throws InterruptedException {
        Service service = scene.warmService();
        scene.pgbench("registration.sql", Scene.REFERENCE, 32, Map.of());
        ByTurns turns = ByTurns.measure(
                NAME,
                scene,
                report,
                () -> scene.register(service, CONNECTIONS),
                ByTurns.MANY_CLIENTS,
                clients -> scene.pgbench("registration.sql", Scene.REFERENCE, clients, Map.of()));
        turns.line(
                report,
                "durable registrations a second, %d connections".formatted(CONNECTIONS),
                Report.Goal.atLeast(LEAST));
        double p99 = Report.median(turns.service(), Measured::p99);
        double mean = Report.median(turns.reference(MOST_CLIENTS), Measured::mean);
        report.line(
                "their p99",
                Report.millis(p99),
                "%s: mean of pgbench, %d clients".formatted(Report.millis(mean), MOST_CLIENTS),
                p99 / mean,
                Report.Goal.atMost(SLOWEST));
    }
}
