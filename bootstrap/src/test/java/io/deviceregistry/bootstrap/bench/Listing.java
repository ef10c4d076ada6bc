package io.deviceregistry.bootstrap.bench;

import java.util.List;
import java.util.Map;

/** Lists of a customer's devices a second, against pgbench with the same select on the same rows. */
final class Listing implements Row {
    private static final String NAME = "list";
    private static final int CONNECTIONS = 64;
    private static final int DEVICES_EACH = 2;
    private static final double LEAST = 0.6;

    @Override
    public void measure(Scene scene, Report report) throws InterruptedException {
        Service service = scene.warmService();
        int customers = scene.settings().listed();
        scene.tell("list: registering devices of %,d customers".formatted(customers));
        service.fill("listed-", customers, DEVICES_EACH);
        scene.server().execute(service.database(), "vacuum analyze device");
        Map<String, String> variables = Map.of("BENCH_CUSTOMERS", Integer.toString(customers));
        scene.request(service, "list.lua", CONNECTIONS, variables);
        ByTurns turns = ByTurns.measure(
                NAME,
                scene,
                report,
                () -> scene.request(service, "list.lua", CONNECTIONS, variables),
                List.of(CONNECTIONS),
                clients -> scene.pgbench("list.sql", service.database(), clients, Map.of("customers", customers)));
        double ours = Report.median(turns.service(), Measured::perSecond);
        double theirs = Report.median(turns.reference(CONNECTIONS), Measured::perSecond);
        report.line(
                "lists of a customer's devices a second, %d connections".formatted(CONNECTIONS),
                Report.perSecond(ours),
                "%s: pgbench with the same select, %d clients".formatted(Report.perSecond(theirs), CONNECTIONS),
                ours / theirs,
                Report.Goal.atLeast(LEAST));
    }
}
