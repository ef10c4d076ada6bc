package io.deviceregistry.commandline;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Watches until no encryption key, or lookup key, but the active one is needed. The work is the service's. */
@Command(
        name = "rotate-keys",
        description = {
            "Watches the service at REGISTRY_URL (http://localhost:8080), with the key in REGISTRY_API_KEY, which needs the "
                    + "scope keys:manage, while it encrypts anew what another key than registry.token.encryption-key "
                    + "encrypted, until none but that one is needed. The service does that by itself, whether it is "
                    + "watched or not: interrupted, the command can be called again.",
            "With --lookup, lets it replace the lookup key by registry.token.next-lookup-key, which every replica must know, "
                    + "and watches that until no other is needed. The service goes on with that by itself, too."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nIt ends with:%n",
        exitCodeList = {
            "0:Only one key is needed; the others may be taken out of the configuration.",
            "1:The service refused, or did not answer.",
            "2:The command, or a variable, makes no sense.",
            "3:With --once: another key is still needed."
        })
final class RotateKeysCommand implements Callable<Integer> {
    private static final String PATH = "/v1/encryption-keys";
    private static final int STILL_NEEDED = 3;
    private static final String ROW = "%-8s  %-12s  %-20s  %13s  %13s  %9s  %12s%n";

    /** A row is counted by a sample of the database, so not all the time. */
    private static final Duration POLL_INTERVAL = Duration.ofSeconds(1);

    private final Function<@Nullable String, RegistryApi> registry;
    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean terminal;

    @Option(names = "--once", description = "shows how far it is, begins nothing and does not wait")
    private boolean once;

    @Option(names = "--lookup", description = "begins to replace the lookup key, if that has not begun")
    private boolean lookup;

    @Option(names = "--url", paramLabel = "URL", description = "the service, in place of REGISTRY_URL")
    private @Nullable String url;

    RotateKeysCommand(
            Function<@Nullable String, RegistryApi> registry, PrintWriter out, PrintWriter err, boolean terminal) {
        this.registry = registry;
        this.out = out;
        this.err = err;
        this.terminal = terminal;
    }

    private record Key(
            String id,
            String state,
            String lastUsedAt,
            long devices,
            long deviceSyncs,
            long answers,
            long importChunks) {
        static Key from(JsonNode key) {
            return new Key(
                    key.path("key_id").asText(),
                    key.path("state").asText(),
                    key.path("last_used_at").asText(),
                    key.path("devices").asLong(),
                    key.path("device_syncs").asLong(),
                    key.path("answers").asLong(),
                    key.path("import_chunks").asLong());
        }

        boolean isActive() {
            return state.equals("ACTIVE");
        }

        boolean isRetired() {
            return state.equals("RETIRED");
        }

        long rows() {
            return devices + deviceSyncs;
        }
    }

    private record Keys(List<Key> all) {
        static Keys asked(RegistryApi api) {
            List<Key> keys = new ArrayList<>();
            api.getPatiently(PATH).path("encryption_keys").forEach(key -> keys.add(Key.from(key)));
            return new Keys(keys);
        }

        Stream<Key> active() {
            return all.stream().filter(Key::isActive);
        }

        /** Still needed to decrypt. */
        Stream<Key> others() {
            return all.stream().filter(key -> !key.isActive() && !key.isRetired());
        }

        boolean areSeveralActive() {
            return active().count() > 1;
        }

        boolean isOneEnough() {
            return !areSeveralActive() && others().findAny().isEmpty();
        }

        long left() {
            return others().mapToLong(Key::rows).sum();
        }

        long rows() {
            return all.stream().mapToLong(Key::rows).sum();
        }
    }

    @Override
    public Integer call() {
        RegistryApi api = registry.apply(url);
        if (lookup) {
            return new LookupKeyRotation(api, out, err, terminal).watch(once) ? 0 : STILL_NEEDED;
        }
        Keys keys = Keys.asked(api);
        print(keys);
        if (!keys.isOneEnough() && once) {
            return STILL_NEEDED;
        }
        if (!keys.isOneEnough()) {
            Farewell farewell = new Farewell(err);
            farewell.say("The service goes on by itself; the same command shows how far it is.");
            try {
                // Each may be found not to be over: somebody may start a replica with a former key.
                while (!keys.isOneEnough()) {
                    keys = awaitEncrypted(api, awaitOneActive(api, keys));
                    keys = awaitRetired(api, keys);
                }
            } finally {
                farewell.unsay();
            }
        }
        out.printf("No key is needed but %s; any other may be taken out of the configuration.%n", names(keys.active()));
        return 0;
    }

    private static Keys next(RegistryApi api) {
        RegistryApi.pause(POLL_INTERVAL);
        return Keys.asked(api);
    }

    private Keys awaitOneActive(RegistryApi api, Keys known) {
        Keys keys = known;
        if (keys.areSeveralActive()) {
            err.printf(
                    "Replicas encrypt with several keys (%s): waiting until all that run have the same "
                            + "registry.token.encryption-key. One that was stopped counts for half a minute.%n",
                    names(keys.active()));
        }
        while (keys.areSeveralActive()) {
            keys = next(api);
        }
        return keys;
    }

    private Keys awaitEncrypted(RegistryApi api, Keys known) {
        Keys keys = known;
        long all = keys.rows();
        if (keys.left() == 0) {
            return keys;
        }
        Progress.Task task = new Progress.Task("Encrypted anew", Progress.Unit.ROWS, all - keys.left(), all);
        try (Progress progress = Progress.of(task, err, terminal)) {
            while (keys.left() > 0 && !keys.areSeveralActive()) {
                progress.at(Math.max(0, all - keys.left()), "");
                keys = next(api);
            }
            progress.at(Math.max(0, all - keys.left()), "");
        }
        return keys;
    }

    private Keys awaitRetired(RegistryApi api, Keys known) {
        Keys keys = known;
        if (keys.left() == 0 && !keys.areSeveralActive()) {
            keys.others()
                    .forEach(key -> err.printf(
                            Locale.ROOT,
                            "Nothing is left to be encrypted anew. %s is needed until a walk over all devices has found "
                                    + "nothing an hour after its last use (%s), and until %,d answers and %,d parts of "
                                    + "imports are done with.%n",
                            key.id(),
                            key.lastUsedAt(),
                            key.answers(),
                            key.importChunks()));
        }
        while (keys.left() == 0 && !keys.areSeveralActive() && !keys.isOneEnough()) {
            keys = next(api);
        }
        return keys;
    }

    private void print(Keys keys) {
        out.printf(ROW, "key", "state", "last used", "devices", "at providers", "answers", "import parts");
        for (Key key : keys.all()) {
            out.printf(
                    Locale.ROOT,
                    ROW,
                    key.id(),
                    key.state(),
                    // To the second.
                    key.lastUsedAt().replaceFirst("\\.\\d+", ""),
                    grouped(key.devices()),
                    grouped(key.deviceSyncs()),
                    grouped(key.answers()),
                    grouped(key.importChunks()));
        }
    }

    static String grouped(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static String names(Stream<Key> keys) {
        return keys.map(Key::id).collect(Collectors.joining(", "));
    }
}
