package io.deviceregistry.bootstrap;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.jspecify.annotations.Nullable;

/** Starts the application. A start that fails ends with one line that says why, after whatever the log says. */
@QuarkusMain
public class Main {
    private static final String CANNOT_START = "The device registry cannot start: ";

    public static void main(String... args) {
        Quarkus.run(null, Main::exit, args);
    }

    private static void exit(int code, @Nullable Throwable failure) {
        if (failure != null) {
            // Not by the log, which may be what failed, and whose JSON buries the reason.
            System.err.println(told(failure));
        }
        System.exit(code);
    }

    /** One line; before it where it happened, if that line says nothing by itself. */
    static String told(Throwable failure) {
        Throwable root = rootOf(failure);
        String message = root.getMessage();
        if (message != null && !message.isBlank()) {
            return CANNOT_START + message;
        }
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace));
        return trace + CANNOT_START + root.getClass().getName();
    }

    private static Throwable rootOf(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }
}
