package io.deviceregistry.bootstrap;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import org.jspecify.annotations.Nullable;

/** Starts the application. A start that fails ends with one line that says why, after whatever the log says. */
@QuarkusMain
public class Main {

    public static void main(String... args) {
        Quarkus.run(null, Main::exit, args);
    }

    private static void exit(int code, @Nullable Throwable failure) {
        if (failure != null) {
            // Not by the log, which may be what failed, and whose JSON buries the reason.
            System.err.println(
                    "The device registry cannot start: " + rootOf(failure).getMessage());
        }
        System.exit(code);
    }

    private static Throwable rootOf(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }
}
