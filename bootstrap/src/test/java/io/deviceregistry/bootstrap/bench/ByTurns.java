package io.deviceregistry.bootstrap.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Runs of the service and of pgbench, with several numbers of clients, by turns. */
final class ByTurns {
    /** One of which suits pgbench best when both have as much to do as they can. */
    static final List<Integer> MANY_CLIENTS = List.of(16, 32, 64);

    private final List<Measured> service = new ArrayList<>();
    private final Map<Integer, List<Measured>> references = new TreeMap<>();

    /** One run of the service. */
    interface Own {
        Measured run() throws InterruptedException;
    }

    /** One run of pgbench. */
    interface Reference {
        Measured run(int clients) throws InterruptedException;
    }

    /** Returns when all rounds of a row are done. */
    static ByTurns measure(
            String row, Scene scene, Report report, Own own, List<Integer> clientNumbers, Reference reference)
            throws InterruptedException {
        ByTurns turns = new ByTurns();
        for (int round = 1; round <= scene.settings().rounds(); round++) {
            Measured ours = own.run();
            report.run(row, round, "service", ours);
            turns.service.add(ours);
            scene.tell("%s, round %d: service %s".formatted(row, round, found(ours)));
            for (int clients : clientNumbers) {
                Measured theirs = reference.run(clients);
                report.run(row, round, "pgbench", theirs);
                turns.references
                        .computeIfAbsent(clients, _ -> new ArrayList<>())
                        .add(theirs);
                scene.tell("%s, round %d: pgbench with %d clients %s".formatted(row, round, clients, found(theirs)));
            }
        }
        return turns;
    }

    private static String found(Measured measured) {
        return "%.0f a second, p50 %.2f ms".formatted(measured.perSecond(), measured.p50());
    }

    List<Measured> service() {
        return service;
    }

    List<Measured> reference(int clients) {
        return references.getOrDefault(clients, List.of());
    }

    /** What the service does a second beside the most that pgbench does. */
    void line(Report report, String measured, Report.Goal goal) {
        int best = references.keySet().stream()
                .max(Comparator.comparingDouble(clients -> Report.median(reference(clients), Measured::perSecond)))
                .orElseThrow();
        double ours = Report.median(service, Measured::perSecond);
        double theirs = Report.median(reference(best), Measured::perSecond);
        report.line(
                measured,
                Report.perSecond(ours),
                "%s: pgbench, %d clients".formatted(Report.perSecond(theirs), best),
                ours / theirs,
                goal);
    }
}
