package io.deviceregistry.bootstrap.e2e;

import io.deviceregistry.bootstrap.e2e.ChaosRun.Blow;
import io.deviceregistry.bootstrap.e2e.ChaosRun.Settings;
import io.deviceregistry.bootstrap.e2e.Findings.Case;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a run did and what came of it, as Markdown for people and as faults for a test. */
final class ChaosReport {
    /** More of a kind say nothing new. */
    static final int SHOWN = 20;

    private final Settings settings;
    private final Map<Blow, Integer> blows = new EnumMap<>(Blow.class);
    private final StringBuilder done = new StringBuilder();
    private final StringBuilder found = new StringBuilder();
    private final StringBuilder sizes = new StringBuilder();
    private final List<String> faults = new ArrayList<>();
    private final List<String> early = new ArrayList<>();
    private Duration duration = Duration.ZERO;
    private int slowClocks;

    ChaosReport(Settings settings) {
        this.settings = settings;
    }

    void count(Blow blow) {
        blows.merge(blow, 1, Integer::sum);
    }

    void countSlowClock() {
        slowClocks++;
    }

    void took(Duration value) {
        duration = value;
    }

    /** @param after the last fault; empty if not everything was synced in time */
    void healed(Optional<Duration> after) {
        found.append(row(
                "all synced after the last fault within",
                after.map(ChaosReport::seconds).orElse("more than " + seconds(ChaosRun.LONGEST_HEALING))));
    }

    /** @param heap bytes that the rows of device_sync take, with what is free between them */
    void size(long rows, long heap, long indexes) {
        sizes.append("| %s | %s | %s |%n".formatted(count(rows), count(heap / rows), count(indexes / rows)));
    }

    /** No round came to the point, though there was work. */
    void missed(Point point, List<String> sample) {
        faults.add("No round was held %s:%n  %s".formatted(words(point), String.join("\n  ", sample)));
    }

    void unsynced(long devices, List<String> sample) {
        faults.add("%d devices are not synced, among them:%n  %s".formatted(devices, String.join("\n  ", sample)));
    }

    /** How long the registry took on its default timings; the longest that is good is part of the question. */
    void healedByDefault(Point point, Optional<Duration> after, Duration longest) {
        found.append(row(
                "with the default timings, healed after a kill " + words(point),
                after.map(ChaosReport::seconds).orElse("not within " + seconds(longest))));
        if (after.isEmpty()) {
            faults.add("A kill %s was not healed within %s".formatted(words(point), longest));
        }
    }

    void load(Load load) {
        done.append(row("devices registered, transfers included", count(load.registered())));
        done.append(row("requests of callers acknowledged", count(load.acknowledged())));
        done.append(row("of them repeated, because no answer came, or a 503", count(load.repeated())));
        found.append(
                row("answers that no caller should get", count(load.faults().size())));
        add("A caller got", load.faults());
        if (load.registered() < settings.registrations()) {
            faults.add("Only %,d devices were registered in time".formatted(load.registered()));
        }
    }

    void provider(ProviderRecord provider, Wire wire) {
        done.append(row(
                "requests that Bunce received",
                count(provider.requests()) + ": "
                        + provider.methods().entrySet().stream()
                                .map(method -> count(method.getValue()) + " " + method.getKey())
                                .collect(Collectors.joining(", "))));
        done.append(row("connections reset", count(wire.resets())));
        done.append(row("connections half open", count(wire.lost())));
        provider.faults().forEach((fault, times) -> done.append(row("Bunce's fault: " + words(fault), count(times))));
    }

    /**
     * @param history of the customers with a duplicate that is not explained: what Bunce was asked
     * @param rows of the same: what the registry has recorded
     */
    void findings(Findings findings, Map<String, List<String>> history, Map<String, List<String>> rows) {
        found.append(row("lost", count(findings.lost().size())));
        found.append(
                row("removed, and active all the same", count(findings.risen().size())));
        found.append(row("known to nobody", count(findings.unknown().size())));
        found.append(row("duplicates at Bunce", count(findings.duplicates())));
        found.append(row("of them former tokens that Bunce still has", count(findings.stale())));
        found.append(row(
                "beyond the unconfirmed attempts that are recorded",
                count(findings.unexplained().size())));
        found.append(row(
                "without a request that took effect later than the settling delay",
                count(findings.early().size())));
        found.append(row("tokens with two holders at Bunce for a while", count(findings.twoHolders())));
        found.append(row(
                "without an unconfirmed attempt of whoever should not have it",
                count(findings.twoHoldersUnexplained().size())));
        add("Lost:", findings.lost());
        add("Risen:", findings.risen());
        add("Unknown:", findings.unknown());
        add("Unexplained duplicate:", withEvidence(findings.unexplained(), history, rows));
        add("Unexplained second holder:", withEvidence(findings.twoHoldersUnexplained(), history, rows));
        early.addAll(withEvidence(findings.early(), history, rows));
    }

    private static List<String> withEvidence(
            List<Case> cases, Map<String, List<String>> history, Map<String, List<String>> rows) {
        return cases.stream()
                .limit(SHOWN)
                .map(one -> "%s%n  device %s had %s%n  %s%n  %s"
                        .formatted(
                                one.words(),
                                one.device().id(),
                                one.device().tokens(),
                                lines(one, rows),
                                lines(one, history)))
                .toList();
    }

    private static String lines(Case one, Map<String, List<String>> byCustomer) {
        return one.customers().stream()
                .flatMap(customer ->
                        byCustomer.getOrDefault(customer, List.of()).stream().map(line -> customer + ": " + line))
                .collect(Collectors.joining("\n  "));
    }

    /** What is wrong; empty if all is well. Since Bunce can be asked what it holds, only a late request makes a duplicate. */
    List<String> faults() {
        List<String> all = new ArrayList<>(faults);
        early.stream().limit(SHOWN).forEach(one -> all.add("Duplicate without a late request: " + one));
        return all;
    }

    String markdown() {
        StringBuilder text = new StringBuilder();
        text.append("# What came of faults\n\n```\n./registry chaos --kills %d --registrations %d --seed %d\n```\n\n"
                .formatted(settings.kills(), settings.registrations(), settings.seed()));
        text.append(
                "%d replicas, %d callers, %s. Bunce takes devices only of customers whom it was told of. Calls to it time out after %s, a lease lasts %s, the settling delay is %s.%n%n"
                        .formatted(
                                settings.replicas(),
                                settings.callers(),
                                seconds(duration),
                                seconds(ChaosRun.CALL_TIMEOUT),
                                seconds(ChaosRun.LEASE),
                                seconds(ChaosRun.SETTLING_DELAY)));
        text.append("| what was done | |\n|---|---|\n");
        text.append(row(
                "replicas killed",
                count(blows.entrySet().stream()
                        .filter(blow -> blow.getKey().isKill())
                        .mapToInt(Map.Entry::getValue)
                        .sum())));
        blows.forEach((blow, times) -> text.append(row(words(blow), count(times))));
        text.append(row("replicas whose clock was an hour slow", count(slowClocks)));
        text.append(done);
        text.append("\n| what came of it | |\n|---|---|\n").append(found);
        text.append(
                "\nEvery row of the hottest table, `device_sync`, is rewritten at least twice. In the course of the run it took:\n\n");
        text.append("| rows | bytes a row | bytes of indexes a row |\n|---|---|---|\n")
                .append(sizes);
        return text.toString();
    }

    private void add(String what, List<String> several) {
        several.stream().limit(SHOWN).forEach(one -> faults.add(what + " " + one));
    }

    private static String row(String what, String value) {
        return "| %s | %s |%n".formatted(what, value);
    }

    private static String words(Enum<?> value) {
        return words(value.name());
    }

    private static String words(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1_000.0);
    }
}
