package io.deviceregistry.bootstrap.bench;

import java.util.List;
import java.util.Map;

/** How long a registration takes when there is no other, against pgbench with one client. */
final class Latency implements Row {
    private static final String NAME = "latency";
    private static final double SLOWEST = 2.5;

    @Override
    public void measure(Scene scene, Report report) throws InterruptedException {
        Service service = scene.warmService();
        ByTurns turns = ByTurns.measure(
                NAME,
                scene,
                report,
                () -> scene.register(service, 1),
                List.of(1),
                clients -> scene.pgbench("registration.sql", Scene.REFERENCE, clients, Map.of()));
        double ours = Report.median(turns.service(), Measured::p50);
        double theirs = Report.median(turns.reference(1), Measured::p50);
        report.line(
                "latency of a registration, one connection, p50",
                Report.millis(ours),
                "%s: pgbench, one client".formatted(Report.millis(theirs)),
                ours / theirs,
                Report.Goal.atMost(SLOWEST));
    }
}
