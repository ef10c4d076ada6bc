package io.deviceregistry.commandline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Lets the service replace its lookup key, and watches until the former one is needed no more. */
final class LookupKeyRotation {
    private static final String PATH = "/v1/lookup-key";
    private static final String BEGIN = PATH + ":rotate";
    private static final String ROW = "%-8s  %-8s  %-8s  %-9s  %13s  %10s  %10s%n";

    /** Devices are counted by a sample of the database, so not all the time. */
    private static final Duration POLL_INTERVAL = Duration.ofSeconds(1);

    private final RegistryApi api;
    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean terminal;

    LookupKeyRotation(RegistryApi api, PrintWriter out, PrintWriter err, boolean terminal) {
        this.api = api;
        this.out = out;
        this.err = err;
        this.terminal = terminal;
    }

    /** @param next null while no key takes its place; {@code former} likewise, once nothing is found by it alone */
    private record State(
            String key,
            @Nullable String next,
            @Nullable String former,
            String phase,
            long devicesLeft,
            long notesLeft,
            long unreadable) {
        static State from(JsonNode key) {
            return new State(
                    key.path("key_id").asText(),
                    key.path("next_key_id").textValue(),
                    key.path("former_key_id").textValue(),
                    key.path("phase").asText(),
                    key.path("devices_left").asLong(),
                    key.path("notes_left").asLong(),
                    key.path("unreadable_devices").asLong());
        }

        boolean isOneKeyEnough() {
            return next == null && former == null;
        }
    }

    /**
     * @param once only shows how far it is
     * @return whether one key is enough
     */
    boolean watch(boolean once) {
        State state =
                State.from(once ? api.getPatiently(PATH) : api.post(BEGIN, JsonNodeFactory.instance.objectNode()));
        print(state);
        if (!state.isOneKeyEnough() && !once) {
            Farewell farewell = new Farewell(err);
            farewell.say("The service goes on by itself; the same command shows how far it is.");
            try {
                state = awaitForgotten(awaitSwitch(awaitFilled(state)));
            } finally {
                farewell.unsay();
            }
        }
        if (state.isOneKeyEnough()) {
            out.printf(
                    "Tokens are found by %s, and no other lookup key is needed: it may be registry.token.lookup-key.%n",
                    state.key());
        }
        return state.isOneKeyEnough();
    }

    private State next() {
        RegistryApi.pause(POLL_INTERVAL);
        return State.from(api.getPatiently(PATH));
    }

    private State awaitFilled(State known) {
        State state = known;
        if (!state.phase().equals("BACK_FILL")) {
            return state;
        }
        long all = state.devicesLeft();
        Progress.Task task = new Progress.Task("Hashed anew", Progress.Unit.ROWS, 0, all);
        try (Progress progress = Progress.of(task, err, terminal)) {
            while (state.phase().equals("BACK_FILL")) {
                progress.at(Math.max(0, all - state.devicesLeft()), remark(state));
                state = next();
            }
            progress.at(all, "");
        }
        return state;
    }

    private static String remark(State state) {
        if (state.unreadable() > 0) {
            return String.format(Locale.ROOT, "%,d cannot be opened, so this does not end", state.unreadable());
        }
        return state.devicesLeft() == 0 && state.notesLeft() > 0
                ? String.format(Locale.ROOT, "%,d notes for providers wait to be settled", state.notesLeft())
                : "";
    }

    private State awaitSwitch(State known) {
        State state = known;
        if (state.next() != null) {
            err.println(
                    "All is hashed by both keys. Indexes are being built, and a moment without long transactions is "
                            + "waited for.");
        }
        while (state.next() != null) {
            state = next();
        }
        return state;
    }

    private State awaitForgotten(State known) {
        State state = known;
        if (state.former() != null) {
            err.printf(
                    "Tokens are found by %s. %s is needed until the answers are forgotten that were given for an "
                            + "Idempotency-Key before: by default after a day.%n",
                    state.key(), state.former());
        }
        while (state.former() != null) {
            state = next();
        }
        return state;
    }

    private void print(State state) {
        out.printf(ROW, "key", "next", "former", "phase", "devices left", "notes left", "unreadable");
        out.printf(
                Locale.ROOT,
                ROW,
                state.key(),
                state.next() == null ? "-" : state.next(),
                state.former() == null ? "-" : state.former(),
                state.phase(),
                RotateKeysCommand.grouped(state.devicesLeft()),
                RotateKeysCommand.grouped(state.notesLeft()),
                RotateKeysCommand.grouped(state.unreadable()));
    }
}
