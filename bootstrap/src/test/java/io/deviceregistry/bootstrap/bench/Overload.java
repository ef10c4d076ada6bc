package io.deviceregistry.bootstrap.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What is still registered when twice as much is asked for as can be done, against the most that can be done. */
final class Overload implements Row {
    private static final String NAME = "overload";

    /** Twice as many as are worked on at once, so that the others are there to ask for too much. */
    private static final int CONNECTIONS = 1_024;

    /** What a service with its default settings works on at once. */
    private static final int UNDER_WAY = 500;

    private static final double TIMES_THE_PEAK = 2;

    /** To offer enough in spite of what the pauses, which are rounded to milliseconds, and the answers take. */
    private static final double MARGIN = 1.25;

    private static final double LEAST = 0.8;

    @Override
    public void measure(Scene scene, Report report) throws InterruptedException {
        Service service = scene.warmService();
        List<Measured> peaks = new ArrayList<>();
        List<Overloaded> overloads = new ArrayList<>();
        for (int round = 1; round <= scene.settings().rounds(); round++) {
            Measured peak = scene.register(service, Registration.CONNECTIONS);
            report.run(NAME, round, "peak", peak);
            peaks.add(peak);
            Overloaded overloaded = scene.overload(service, CONNECTIONS, pause(peak));
            report.run(NAME, round, "overloaded", overloaded);
            overloads.add(overloaded);
            scene.tell("overload, round %d: %.0f a second at most, %.0f of %.0f when overloaded, p99 %.1f ms"
                    .formatted(
                            round,
                            peak.perSecond(),
                            overloaded.perSecond(),
                            overloaded.offeredPerSecond(),
                            overloaded.p99()));
        }
        double ours = Report.median(overloads, Overloaded::perSecond);
        double most = Report.median(peaks, Measured::perSecond);
        report.line(
                "registrations a second when overloaded",
                "%s of %s asked for"
                        .formatted(
                                Report.perSecond(ours),
                                Report.perSecond(Report.median(overloads, Overloaded::offeredPerSecond))),
                "%s: the same, %d connections".formatted(Report.perSecond(most), Registration.CONNECTIONS),
                ours / most,
                Report.Goal.atLeast(LEAST));
        double p99 = Report.median(overloads, Overloaded::p99);
        double beside = Report.median(peaks, Measured::p99);
        report.line(
                "their p99",
                Report.millis(p99),
                "%s: the same, %d connections".formatted(Report.millis(beside), Registration.CONNECTIONS),
                p99 / beside,
                Report.Goal.NONE);
    }

    /** Connections that are not worked on wait; so many of them, each after such a pause, offer what is wanted. */
    private static Duration pause(Measured peak) {
        double offered = TIMES_THE_PEAK * MARGIN * peak.perSecond();
        return Duration.ofNanos((long)
                ((CONNECTIONS - UNDER_WAY) / offered * Duration.ofSeconds(1).toNanos()));
    }
}
