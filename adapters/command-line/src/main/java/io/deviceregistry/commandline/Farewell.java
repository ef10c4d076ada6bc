package io.deviceregistry.commandline;

import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;

/** What is left to be said if Ctrl-C ends the program. */
final class Farewell {
    private final PrintWriter err;
    private volatile @Nullable String words;

    Farewell(PrintWriter err) {
        this.err = err;
        Runtime.getRuntime().addShutdownHook(new Thread(this::say));
    }

    /** In place of what was to be said before. */
    void say(String words) {
        this.words = words;
    }

    void unsay() {
        words = null;
    }

    private void say() {
        String last = words;
        if (last != null) {
            err.println();
            err.println(last);
        }
    }
}
