package io.deviceregistry.bootstrap.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How long a registration takes when there is no other, against pgbench with one client. */
final class Latency implements Row {
    private static final String NAME = "latency";
    private static final double SLOWEST = 2.5;

    @Override
    public void measure(Scene scene, Report report) throws InterruptedException {
        Service service = scene.warmService();
        List<Measured> registered = new ArrayList<>();
        List<Measured> references = new ArrayList<>();
        for (int round = 1; round <= scene.settings().rounds(); round++) {
            Measured own = scene.register(service, 1);
            report.run(NAME, round, "service", own);
            registered.add(own);
            Measured reference = scene.pgbench("registration.sql", Scene.REFERENCE, 1, Map.of());
            report.run(NAME, round, "pgbench", reference);
            references.add(reference);
            scene.tell(
                    "latency, round %d: service %.2f ms, pgbench %.2f ms".formatted(round, own.p50(), reference.p50()));
        }
        double ours = Report.median(registered, Measured::p50);
        double theirs = Report.median(references, Measured::p50);
        report.line(
                "latency of a registration, one connection, p50",
                Report.millis(ours),
                "%s: pgbench, one client".formatted(Report.millis(theirs)),
                ours / theirs,
                Report.Goal.atMost(SLOWEST));
    }
}
