package io.deviceregistry.bootstrap.bench;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/** How much memory the service keeps after many registrations. */
final class Memory implements Row {
    private static final String NAME = "memory";
    private static final double MEGABYTE = 1e6;
    private static final double MOST = 400;
    private static final Duration IDLE = Duration.ofSeconds(10);

    /** In megabytes. */
    private record Resident(long registrations, double resident, double peak) {}

    @Override
    public void measure(Scene scene, Report report) throws InterruptedException {
        scene.withService("remembered", Map.of(), service -> measure(scene, service, report));
    }

    private static void measure(Scene scene, Service service, Report report) throws InterruptedException {
        int enough = scene.settings().remembered();
        long registered = 0;
        while (registered < enough) {
            registered += scene.register(service, Registration.CONNECTIONS).succeeded();
            scene.tell("memory: %,d registrations, %.0f MB".formatted(registered, service.memory("VmRSS") / MEGABYTE));
        }
        Thread.sleep(IDLE);
        Resident resident =
                new Resident(registered, service.memory("VmRSS") / MEGABYTE, service.memory("VmHWM") / MEGABYTE);
        report.run(NAME, 1, "service", resident);
        boolean known = resident.resident() > 0;
        report.figure(
                "resident memory after %,d registrations".formatted(registered),
                known ? megabytes(resident.resident()) : "unknown",
                known ? "%s at the most until then".formatted(megabytes(resident.peak())) : "",
                resident.resident(),
                known ? new Report.Goal("under 400 MB", megabytes -> megabytes < MOST) : Report.Goal.NONE);
    }

    private static String megabytes(double value) {
        return String.format(Locale.ROOT, "%.0f MB", value);
    }
}
