package io.deviceregistry.bootstrap.bench;

import java.util.Map;

/** Registrations a second, and how long the slowest of a hundred takes, by the number of connections: for plots alone. */
final class Connections implements Row {
    private static final String NAME = "connections";

    /** The server has not many more to give. */
    private static final int MOST_CLIENTS = 64;

    @Override
    public void measure(Scene scene, Report report) throws InterruptedException {
        Service service = scene.warmService();
        for (int round = 1; round <= scene.settings().longRounds(); round++) {
            for (int connections : scene.settings().connections()) {
                add(report, round, "service", scene.register(service, connections));
                if (connections <= MOST_CLIENTS) {
                    add(
                            report,
                            round,
                            "pgbench",
                            scene.pgbench("registration.sql", Scene.REFERENCE, connections, Map.of()));
                }
                scene.tell("connections, round %d: %d done".formatted(round, connections));
            }
        }
    }

    private static void add(Report report, int round, String side, Measured measured) {
        report.run(NAME, round, side, measured);
        report.point(Plot.THROUGHPUT_BY_CONNECTIONS, side, measured.connections(), measured.perSecond());
        report.point(Plot.P99_BY_CONNECTIONS, side, measured.connections(), measured.p99());
    }
}
