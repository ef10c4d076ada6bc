package io.deviceregistry.bootstrap.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What is still registered when twice as much is asked for as can be done, against the most that can be done. */
final class Overload implements Row {
    private static final String NAME = "overload";

    /** Several times as many as are worked on at once, so that enough are there to ask for too much. */
    private static final int CONNECTIONS = 2_048;

    /** What a service with its default settings works on at once. */
    private static final int UNDER_WAY = 500;

    private static final double TIMES_THE_MOST = 2;
    private static final double LEAST = 0.8;
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(1);

    @Override
    public void measure(Scene scene, Report report) throws InterruptedException {
        Service service = scene.warmService();
        scene.tell("Warming up ...");
        Duration pause = pause(scene.offer(service, Registration.CONNECTIONS, Duration.ZERO));
        scene.offer(service, CONNECTIONS, pause);
        List<Offered> peaks = new ArrayList<>();
        List<Offered> overloads = new ArrayList<>();
        for (int round = 1; round <= scene.settings().rounds(); round++) {
            Offered peak = scene.offer(service, Registration.CONNECTIONS, Duration.ZERO);
            report.run(NAME, round, "peak", peak);
            peaks.add(peak);
            Offered overload = scene.offer(service, CONNECTIONS, pause);
            // How long refusals take is not known, so it is tried.
            while (overload.offeredPerSecond() < TIMES_THE_MOST * peak.perSecond()
                    && pause.compareTo(SHORTEST_PAUSE) > 0) {
                pause = pause.dividedBy(2);
                overload = scene.offer(service, CONNECTIONS, pause);
            }
            report.run(NAME, round, "overload", overload);
            overloads.add(overload);
            scene.tell("overload, round %d: %.0f a second at most, %.0f of %.0f asked for, p99 %.1f ms"
                    .formatted(
                            round,
                            peak.perSecond(),
                            overload.perSecond(),
                            overload.offeredPerSecond(),
                            overload.p99()));
        }
        double ours = Report.median(overloads, Offered::perSecond);
        double offered = Report.median(overloads, Offered::offeredPerSecond);
        double most = Report.median(peaks, Offered::perSecond);
        if (offered < TIMES_THE_MOST * most) {
            throw new BenchException("%.0f requests a second were asked for, which is not twice as many as %.0f"
                    .formatted(offered, most));
        }
        report.line(
                "registrations a second of %s that are asked for".formatted(Report.perSecond(offered)),
                Report.perSecond(ours),
                "%s: of as many as can be, %d connections".formatted(Report.perSecond(most), Registration.CONNECTIONS),
                ours / most,
                Report.Goal.atLeast(LEAST));
        report.line(
                "their p99, at most",
                Report.millis(Report.median(overloads, Offered::p99)),
                "%s: of the others".formatted(Report.millis(Report.median(peaks, Offered::p99))),
                Report.median(overloads, Offered::p99) / Report.median(peaks, Offered::p99),
                Report.Goal.NONE);
    }

    /** Of those who are not worked on, which would be short enough if they were refused in no time. */
    private static Duration pause(Offered peak) {
        return Duration.ofMillis(Math.round(1_000 * (CONNECTIONS - UNDER_WAY) / (TIMES_THE_MOST * peak.perSecond())));
    }
}
