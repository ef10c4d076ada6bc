package io.deviceregistry.bootstrap.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What Bunce received and holds, read from the journal of its sandbox, which has every request with its effect before
 * that was answered.
 */
final class ProviderRecord {
    /** What the registry writes in place of the token of a device that is gone. */
    private static final String TOMBSTONE = "retired:";

    /** How long after it was woken a replica may still send what it was about to send when it was frozen. */
    private static final Duration DROWSINESS = Duration.ofSeconds(3);

    /** A device's token under a customer. */
    record Entry(String customer, String token) {
        @Override
        public String toString() {
            return token + " of " + customer;
        }
    }

    /**
     * Two customers with one token.
     *
     * @param late the one of them whose device is not as the registry wants it: who had the token before; or who gets it, if
     *     the request was late, and the token went to the other one meanwhile
     */
    record SecondHolder(Entry late, Entry other) {}

    private final Duration settlingDelay;
    private final List<Instant> awakenings;
    private final Map<String, String> tokenOfRemoteId = new HashMap<>();
    private final Map<Entry, Integer> live = new HashMap<>();
    private final Map<String, Set<String>> holders = new HashMap<>();
    private final Map<Entry, Integer> creations = new HashMap<>();
    private final Map<Entry, Integer> late = new HashMap<>();
    private final Set<SecondHolder> secondHolders = new LinkedHashSet<>();
    private final Map<String, Integer> methods = new TreeMap<>();
    private final Map<String, Integer> faults = new TreeMap<>();
    private int requests;

    private ProviderRecord(Duration settlingDelay, List<Instant> awakenings) {
        this.settlingDelay = settlingDelay;
        this.awakenings = awakenings;
    }

    /**
     * @param settlingDelay a request that took effect longer than this after it arrived is late
     * @param awakenings when replicas that had been frozen went on; what came shortly after is late as well
     */
    static ProviderRecord read(Path journal, Duration settlingDelay, List<Instant> awakenings) {
        ProviderRecord record = new ProviderRecord(settlingDelay, awakenings);
        try (BufferedReader lines = Files.newBufferedReader(journal)) {
            String line;
            while ((line = lines.readLine()) != null) {
                record.add(Deployment.json(line));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return record;
    }

    /** What Bunce was asked about some customers, by customer, a line for each request, for a person to read. */
    static Map<String, List<String>> history(Path journal, Set<String> customers) {
        Map<String, List<String>> history = new HashMap<>();
        try (BufferedReader lines = Files.newBufferedReader(journal)) {
            String line;
            while ((line = lines.readLine()) != null) {
                JsonNode request = Deployment.json(line);
                for (String customer : customers) {
                    if (request.path("path").asText().equals("/v1/customers/" + customer + "/devices")) {
                        history.computeIfAbsent(customer, _ -> new ArrayList<>())
                                .add("%s, in effect %s: %s %s %s, %d changes, %s"
                                        .formatted(
                                                request.path("arrived").asText(),
                                                request.path("time").asText(),
                                                request.path("method").asText(),
                                                request.path("body").asText(),
                                                request.path("status").asText(),
                                                request.path("changes").size(),
                                                request.path("fault").asText("no fault")));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return history;
    }

    int requests() {
        return requests;
    }

    /** How many there were of each method. */
    Map<String, Integer> methods() {
        return methods;
    }

    /** How many requests each fault of the sandbox befell. */
    Map<String, Integer> faults() {
        return faults;
    }

    /** How many devices the customer has there with the token. */
    int live(Entry entry) {
        return live.getOrDefault(entry, 0);
    }

    /** How often the customer got a new device with the token there. */
    int creations(Entry entry) {
        return creations.getOrDefault(entry, 0);
    }

    /** How many of the requests that gave the customer the token, or took it away, were late. */
    int late(Entry entry) {
        return late.getOrDefault(entry, 0);
    }

    /** Everything with which a customer has a device there. */
    Set<Entry> entries() {
        return live.keySet();
    }

    /** Whenever a customer got a token that another one had. */
    Set<SecondHolder> secondHolders() {
        return secondHolders;
    }

    private void add(JsonNode request) {
        requests++;
        methods.merge(request.path("method").asText(), 1, Integer::sum);
        if (request.path("fault").isTextual()) {
            faults.merge(request.path("fault").asText(), 1, Integer::sum);
        }
        Instant arrived = Instant.parse(request.path("arrived").asText());
        boolean isLate = isLate(arrived, Instant.parse(request.path("time").asText()));
        for (JsonNode change : request.path("changes")) {
            if (change.path("change").asText().equals("device_saved")) {
                save(change.path("customer_id").asText(), change.path("device"), isLate);
            }
        }
    }

    private boolean isLate(Instant arrived, Instant applied) {
        return Duration.between(arrived, applied).compareTo(settlingDelay) > 0
                || awakenings.stream()
                        .anyMatch(awakening ->
                                !arrived.isBefore(awakening) && arrived.isBefore(awakening.plus(DROWSINESS)));
    }

    private void save(String customer, JsonNode device, boolean isLate) {
        String token = device.path("device_token").asText();
        Entry entry = new Entry(customer, token);
        String before =
                tokenOfRemoteId.put(customer + " " + device.path("device_id").asText(), token);
        if (before == null) {
            creations.merge(entry, 1, Integer::sum);
        } else {
            Entry former = new Entry(customer, before);
            if (isLate) {
                late.merge(former, 1, Integer::sum);
            }
            if (live.merge(former, -1, (held, less) -> held + less == 0 ? null : held + less) == null) {
                holders.getOrDefault(before, Set.of()).remove(customer);
            }
        }
        if (isLate) {
            late.merge(entry, 1, Integer::sum);
        }
        if (!token.startsWith(TOMBSTONE)) {
            live.merge(entry, 1, Integer::sum);
            Set<String> holding = holders.computeIfAbsent(token, _ -> new HashSet<>());
            holding.add(customer);
            for (String holder : holding) {
                if (!holder.equals(customer)) {
                    Entry other = new Entry(holder, token);
                    secondHolders.add(isLate ? new SecondHolder(entry, other) : new SecondHolder(other, entry));
                }
            }
        }
    }
}
