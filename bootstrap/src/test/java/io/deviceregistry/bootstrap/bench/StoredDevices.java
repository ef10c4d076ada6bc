package io.deviceregistry.bootstrap.bench;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Registrations a second where many devices are stored, against the same where none is. */
final class StoredDevices implements Row {
    private static final String NAME = "scale";
    private static final double LEAST = 0.8;
    private static final int STEP = 100_000;

    /** @param devicesStored that the database had which is not empty, but for those that the warm-up and rounds before added */
    @JsonNaming(SnakeCaseStrategy.class)
    private record Run(int devicesStored, @JsonUnwrapped Measured measured) {}

    /** Nothing is due of what was put there, and it cannot be decrypted, so nobody may want to compare it either. */
    private static final Map<String, String> WITHOUT_COMPARISON = Map.of("REGISTRY_SYNC_COMPARISON_PACE", "0S");

    @Override
    public void measure(Scene scene, Report report) throws InterruptedException {
        scene.withService(
                "empty",
                WITHOUT_COMPARISON,
                empty -> scene.withService(
                        "stored", WITHOUT_COMPARISON, stored -> measure(scene, empty, stored, report)));
    }

    private static void measure(Scene scene, Service empty, Service stored, Report report) throws InterruptedException {
        scene.warmUp(empty);
        int most = scene.settings().stored();
        int filled = 0;
        for (int devices : List.of(most / 10, most / 10 * 3, most)) {
            filled = fill(scene, stored.database(), filled, devices);
            scene.warmUp(stored);
            scene.server().execute(stored.database(), "vacuum analyze");
            step(scene, empty, stored, devices, devices == most, report);
        }
    }

    private static void step(Scene scene, Service empty, Service stored, int devices, boolean last, Report report)
            throws InterruptedException {
        List<Measured> without = new ArrayList<>();
        List<Measured> with = new ArrayList<>();
        // Each adds devices, of which the way there should not be made.
        int rounds = last ? scene.settings().rounds() : 1;
        for (int round = 1; round <= rounds; round++) {
            scene.empty(empty.database());
            Measured reference = scene.register(empty, Registration.CONNECTIONS);
            add(report, round, devices, "none stored", reference);
            without.add(reference);
            Measured own = scene.register(stored, Registration.CONNECTIONS);
            add(report, round, devices, "stored", own);
            with.add(own);
            scene.tell("scale, round %d: %.0f a second with %,d devices stored, %.0f with none"
                    .formatted(round, own.perSecond(), devices, reference.perSecond()));
        }
        if (last) {
            double ours = Report.median(with, Measured::perSecond);
            double theirs = Report.median(without, Measured::perSecond);
            report.line(
                    "registrations a second, %,d devices stored".formatted(devices),
                    Report.perSecond(ours),
                    "%s: none stored".formatted(Report.perSecond(theirs)),
                    ours / theirs,
                    Report.Goal.atLeast(LEAST));
        }
    }

    private static void add(Report report, int round, int step, String side, Measured measured) {
        report.run(NAME, round, side, new Run(step, measured));
        report.point(Plot.THROUGHPUT_BY_STORED_DEVICES, side, step, measured.perSecond());
    }

    /**
     * Beside what was registered since.
     *
     * @param from that were filled in before
     * @return how many are filled in now
     */
    private static int fill(Scene scene, String database, int from, int devices) {
        String fill = Resources.text("stored.sql");
        int registered = Math.toIntExact(scene.server().count(database, "select count(*) from device")) - from;
        int to = Math.max(from, devices - registered);
        for (int first = from; first < to; first += STEP) {
            int last = Math.min(first + STEP, to);
            scene.server()
                    .execute(
                            database,
                            fill.replace(":first", Integer.toString(first + 1))
                                    .replace(":last", Integer.toString(last)));
            scene.tell("scale: %,d devices stored".formatted(registered + last));
        }
        return to;
    }
}
