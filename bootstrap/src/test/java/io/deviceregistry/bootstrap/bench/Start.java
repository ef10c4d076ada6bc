package io.deviceregistry.bootstrap.bench;

import io.deviceregistry.bootstrap.e2e.StartTimes;
import io.deviceregistry.bootstrap.local.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;

/** How long it takes from the start of the process to its first answer, against a start without the ahead-of-time cache. */
final class Start implements Row {
    private static final String NAME = "start";

    private record Took(double seconds) {}

    @Override
    public void measure(Scene scene, Report report) throws InterruptedException {
        if (!Files.isRegularFile(ServiceProcess.AOT_CACHE)) {
            throw new BenchException("The package has no ahead-of-time cache: there is no " + ServiceProcess.AOT_CACHE);
        }
        StartTimes times;
        try {
            times = StartTimes.measure(scene.settings().rounds());
        } catch (IOException e) {
            throw new BenchException("The service cannot be started", e);
        }
        runs(report, "with cache", times.with());
        runs(report, "without cache", times.without());
        Duration with = times.medianWith();
        Duration without = times.medianWithout();
        report.line(
                "start of the process to the first registration",
                seconds(with),
                "%s: without the ahead-of-time cache".formatted(seconds(without)),
                (double) with.toNanos() / without.toNanos(),
                Report.Goal.NONE);
    }

    private static void runs(Report report, String side, List<Duration> durations) {
        for (int i = 0; i < durations.size(); i++) {
            report.run(NAME, i + 1, side, new Took(durations.get(i).toMillis() / 1e3));
        }
    }

    private static String seconds(Duration duration) {
        return Report.seconds(duration.toMillis() / 1e3);
    }
}
