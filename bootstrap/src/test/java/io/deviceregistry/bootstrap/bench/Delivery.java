package io.deviceregistry.bootstrap.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How fast a provider that has no limit is told of devices that have piled up, each of another customer, against a load
 * generator that sends the same requests to the same provider.
 */
final class Delivery implements Row {
    private static final String NAME = "sync";
    private static final int CONNECTIONS = 32;
    private static final double ENOUGH = 5_000;
    private static final double LEAST = 0.5;
    private static final double MOST_CPU = 0.5;
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @Override
    public void measure(Scene scene, Report report) throws InterruptedException {
        scene.withService(
                "delivery",
                Map.of("REGISTRY_BUNCE_REQUESTS_PER_MINUTE", "0"),
                service -> measure(scene, service, report));
    }

    private static void measure(Scene scene, Service service, Report report) throws InterruptedException {
        int devices = scene.settings().delivered();
        scene.tell("Warming up ...");
        deliver(scene, service, "warm-", devices / 4 + 1);
        List<Amount> delivered = new ArrayList<>();
        List<Measured> references = new ArrayList<>();
        for (int round = 1; round <= scene.settings().longRounds(); round++) {
            Amount own = deliver(scene, service, "told-%d-".formatted(round), devices);
            report.run(NAME, round, "service", own);
            delivered.add(own);
            Measured reference = scene.requestProvider("delivery.lua", CONNECTIONS);
            report.run(NAME, round, "wrk", reference);
            references.add(reference);
            scene.tell("sync, round %d: service %.0f devices a second, wrk %.0f"
                    .formatted(round, own.perSecond(), reference.perSecond()));
        }
        double ours = Report.median(delivered, Amount::perSecond);
        double theirs = Report.median(references, Measured::perSecond);
        report.line(
                "devices a second that a provider is told of",
                Report.perSecond(ours),
                "%s: wrk, %d connections".formatted(Report.perSecond(theirs), CONNECTIONS),
                ours / theirs,
                new Report.Goal("at least 5,000 a second or 0.5", ratio -> ratio >= Math.min(LEAST, ENOUGH / theirs)));
        double cpu = Report.median(delivered, amount -> amount.cpuPerThousand("service"));
        report.figure(
                "processor time of the service for 1,000 of them",
                seconds(cpu),
                "%s: PostgreSQL's, beside it"
                        .formatted(seconds(Report.median(delivered, amount -> amount.cpuPerThousand("postgresql")))),
                cpu,
                cpu == 0 ? Report.Goal.NONE : new Report.Goal("under 0.5 s", used -> used < MOST_CPU));
    }

    private static String seconds(double value) {
        return value == 0 ? "unknown" : Report.seconds(value);
    }

    /**
     * The time is that from the first to the last device at the provider, the work that until all is settled.
     *
     * @throws BenchException unless each device arrives, and once
     */
    private static Amount deliver(Scene scene, Service service, String customers, int devices)
            throws InterruptedException {
        service.pauseSync();
        service.fill(customers, devices, 1);
        scene.server().execute(service.database(), "vacuum analyze device, device_sync, customer");
        scene.server().checkpoint();
        scene.provider().reset();
        Cpu cpu = scene.cpu(service);
        service.resumeSync();
        awaitSettled(scene, service);
        Stub.Deliveries deliveries = scene.provider().deliveries();
        if (deliveries.devices() != devices) {
            throw new BenchException("%d devices were to be told of, and the provider was told of %d"
                    .formatted(devices, deliveries.devices()));
        }
        return new Amount(devices, deliveries.seconds(), cpu.used());
    }

    private static void awaitSettled(Scene scene, Service service) throws InterruptedException {
        String count = "select count(*) from device_sync where state <> 'SYNCED'";
        long before = -1;
        long deadline = 0;
        while (true) {
            long arrived = scene.provider().deliveries().devices();
            if (arrived != before) {
                before = arrived;
                deadline = System.nanoTime() + PATIENCE.toNanos();
            } else if (scene.server().count(service.database(), count) == 0) {
                return;
            } else if (System.nanoTime() > deadline) {
                throw new BenchException(
                        "After %d devices nothing arrives at the provider any more".formatted(arrived));
            }
            Thread.sleep(BETWEEN_LOOKS);
        }
    }
}
