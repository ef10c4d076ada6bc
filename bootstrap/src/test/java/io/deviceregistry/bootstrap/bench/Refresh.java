package io.deviceregistry.bootstrap.bench;

import java.util.Map;

/** Registrations of devices that are known already, which most requests of a company's apps are, against pgbench. */
final class Refresh implements Row {
    private static final String NAME = "refresh";

    @Override
    public void measure(Scene scene, Report report) throws InterruptedException {
        Service service = scene.warmService();
        int customers = scene.settings().listed();
        scene.tell("refresh: registering devices of %,d customers".formatted(customers));
        service.fill("known-", customers, 1);
        scene.server().execute(service.database(), "vacuum analyze device");
        Map<String, String> variables = Map.of("BENCH_CUSTOMERS", Integer.toString(customers));
        scene.request(service, "refresh.lua", Registration.CONNECTIONS, variables);
        ByTurns turns = ByTurns.measure(
                NAME,
                scene,
                report,
                () -> scene.request(service, "refresh.lua", Registration.CONNECTIONS, variables),
                ByTurns.MANY_CLIENTS,
                clients -> scene.pgbench("refresh.sql", service.database(), clients, Map.of("customers", customers)));
        turns.line(
                report,
                "registrations a second of known devices, %d connections".formatted(Registration.CONNECTIONS),
                Report.Goal.NONE);
    }
}
