package io.deviceregistry.commandline;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedWriter;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Sends a file of devices, and waits until they are stored. */
@Command(
        name = "import",
        description = {
            "Registers the devices of a file with the service at REGISTRY_URL (http://localhost:8080), with the key in "
                    + "REGISTRY_API_KEY, which needs the scope imports. Waits until all rows are stored, and lists "
                    + "those that were not. The same file again changes nothing."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nIt ends with:%n",
        exitCodeList = {
            "0:All rows are stored, or said what was known. With --dry-run: all rows are good.",
            "1:The service refused the file, or did not answer. What it had of the file is stored.",
            "2:The command, or a variable, makes no sense, or a file cannot be read or written.",
            "3:Some rows could not be stored; the others are."
        })
final class ImportCommand implements Callable<Integer> {
    private static final String PATH = "/v1/imports";
    private static final int ROWS_FAILED = 3;

    /** So many errors are shown; a file may have a hundred thousand. */
    private static final int ERRORS_SHOWN = 20;

    private static final int ERRORS_PER_PAGE = 10_000;

    private static final Duration POLL_INTERVAL = Duration.ofMillis(500);

    private final Function<@Nullable String, RegistryApi> registry;
    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean terminal;

    @Parameters(
            paramLabel = "FILE",
            description =
                    "NDJSON or CSV, as POST /v1/imports takes it; compressed if it ends in .gz; - for the standard "
                            + "input")
    private String file = "";

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description =
                    "ndjson or csv; by default as the file's name ends: .ndjson, .jsonl or .csv, and .gz after that")
    private @Nullable FileFormat format;

    @Option(names = "--dry-run", description = "only checks each row by itself, and stores none")
    private boolean dryRun;

    @Option(
            names = "--errors",
            paramLabel = "FILE",
            description = "where to write the rows that could not be stored, the first hundred thousand of them, as "
                    + "NDJSON of line and reason; by default the first " + ERRORS_SHOWN + " are shown")
    private @Nullable Path errors;

    @Option(names = "--url", paramLabel = "URL", description = "the service, in place of REGISTRY_URL")
    private @Nullable String url;

    ImportCommand(
            Function<@Nullable String, RegistryApi> registry, PrintWriter out, PrintWriter err, boolean terminal) {
        this.registry = registry;
        this.out = out;
        this.err = err;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        RegistryApi api = registry.apply(url);
        FileFormat sent = FileFormat.of(file, format);
        long size = file.equals("-") ? -1 : size();
        // Before anything is sent: an import may take hours, and what it told would be lost.
        try (BufferedWriter errorFile = errorFile()) {
            return imported(api, sent, size, errorFile);
        } catch (IOException e) {
            throw new RefusedException.Senseless("Cannot write " + errors + ": " + e);
        }
    }

    private @Nullable BufferedWriter errorFile() throws IOException {
        if (errors == null) {
            return null;
        }
        if (Files.exists(errors) && !file.equals("-") && Files.isSameFile(errors, Path.of(file))) {
            throw new RefusedException.Senseless("--errors names the file that is to be imported.");
        }
        return Files.newBufferedWriter(errors);
    }

    private int imported(RegistryApi api, FileFormat sent, long size, @Nullable BufferedWriter errorFile)
            throws IOException {
        Farewell farewell = new Farewell(err);
        farewell.say("What arrived of the file is stored. The same file again changes nothing.");
        String job;
        JsonNode done;
        try {
            job = PATH + "/" + send(api, sent, size).path("import_id").asText();
            farewell.say("The import goes on; " + api.at(job) + " tells how far it is.");
            done = awaited(api, job);
        } finally {
            farewell.unsay();
        }
        return told(api, job, done, errorFile);
    }

    private JsonNode send(RegistryApi api, FileFormat sent, long size) {
        String path = PATH + (dryRun ? "?dry_run=true" : "");
        try (InputStream in = file.equals("-") ? System.in : Files.newInputStream(Path.of(file));
                Progress progress =
                        Progress.of(new Progress.Task("Sent", Progress.Unit.MEBIBYTES, 0, size), err, terminal)) {
            Counted counted = new Counted(in, progress, !FileFormat.isCompressed(file));
            try {
                return FileFormat.isCompressed(file)
                        ? api.upload(path, counted, size, "Content-Type", sent.mediaType(), "Content-Encoding", "gzip")
                        : api.upload(path, counted, size, "Content-Type", sent.mediaType());
            } catch (RefusedException.Unavailable e) {
                counted.throwIfFailed();
                throw e;
            }
        } catch (IOException e) {
            throw cannotRead(e);
        }
    }

    private long size() {
        try {
            Path path = Path.of(file);
            // A pipe has no size, and a directory would be read as one.
            if (Files.isDirectory(path)) {
                throw new RefusedException.Senseless(file + " is a directory.");
            }
            if (!Files.isReadable(path)) {
                throw new NoSuchFileException(file, null, "it is not there, or may not be read");
            }
            return Files.isRegularFile(path) ? Files.size(path) : -1;
        } catch (IOException e) {
            throw cannotRead(e);
        }
    }

    private RefusedException cannotRead(IOException e) {
        return new RefusedException.Senseless("Cannot read " + file + ": " + e);
    }

    private JsonNode awaited(RegistryApi api, String job) {
        try {
            return done(api, job);
        } catch (RefusedException e) {
            err.println("The import may go on; " + api.at(job) + " tells how far it is.");
            throw e;
        }
    }

    private JsonNode done(RegistryApi api, String job) {
        JsonNode now = api.getPatiently(job);
        Progress.Task task = new Progress.Task(
                dryRun ? "Checked" : "Done",
                Progress.Unit.ROWS,
                done(now),
                now.path("rows_read").asLong());
        try (Progress progress = Progress.of(task, err, terminal)) {
            while (!now.path("finished_at").isTextual()) {
                progress.at(done(now), failures(now));
                RegistryApi.pause(POLL_INTERVAL);
                now = api.getPatiently(job);
            }
            progress.at(done(now), failures(now));
        }
        return now;
    }

    /** Good rows of a dry run are counted nowhere while it is under way. */
    private static long done(JsonNode job) {
        return job.path("rows_stored").asLong()
                + job.path("rows_unchanged").asLong()
                + job.path("rows_failed").asLong();
    }

    private static String failures(JsonNode job) {
        return String.format(Locale.ROOT, "%,d failed", job.path("rows_failed").asLong());
    }

    private static String counts(JsonNode job) {
        return String.format(
                Locale.ROOT,
                "%,d stored, %,d unchanged, %,d failed",
                job.path("rows_stored").asLong(),
                job.path("rows_unchanged").asLong(),
                job.path("rows_failed").asLong());
    }

    private int told(RegistryApi api, String job, JsonNode done, @Nullable BufferedWriter errorFile)
            throws IOException {
        long failed = done.path("rows_failed").asLong();
        if (failed > 0) {
            tellErrors(api, job, failed, errorFile);
        }
        out.printf(
                Locale.ROOT,
                "%s %s: %,d rows read, %s; %,.0f rows a second%n",
                dryRun ? "Dry run" : "Import",
                done.path("import_id").asText(),
                done.path("rows_read").asLong(),
                counts(done),
                done.path("rows_per_second").asDouble());
        if (!done.path("status").asText().equals("FINISHED")) {
            throw new RefusedException("The service gave the import up before it had the whole file. Send it again.");
        }
        return failed == 0 ? 0 : ROWS_FAILED;
    }

    private void tellErrors(RegistryApi api, String job, long failed, @Nullable BufferedWriter errorFile)
            throws IOException {
        if (errorFile == null) {
            JsonNode page = api.getPatiently(job + "/errors?limit=" + ERRORS_SHOWN);
            page.path("errors")
                    .forEach(error -> err.println("line " + error.path("line").asLong() + ": "
                            + error.path("reason").asText()));
            if (failed > ERRORS_SHOWN) {
                err.printf(Locale.ROOT, "... and more, of %,d; --errors FILE writes all of them%n", failed);
            }
            return;
        }
        String cursor = "";
        do {
            JsonNode page = api.getPatiently(job + "/errors?limit=" + ERRORS_PER_PAGE + cursor);
            for (JsonNode error : page.path("errors")) {
                errorFile.append(error.toString()).append('\n');
            }
            JsonNode next = page.path("next_cursor");
            cursor = next.isTextual() ? "&cursor=" + URLEncoder.encode(next.asText(), StandardCharsets.UTF_8) : "";
        } while (!cursor.isEmpty());
    }

    /** Tells how much was read, and keeps a failure to read, which the client would take for one of the connection. */
    private static final class Counted extends FilterInputStream {
        private final Progress progress;
        private final boolean hasLines;
        private long read;
        private long lines;
        private volatile @Nullable IOException failure;

        Counted(InputStream in, Progress progress, boolean hasLines) {
            super(in);
            this.progress = progress;
            this.hasLines = hasLines;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            try {
                int number = super.read(buffer, offset, length);
                for (int i = offset; i < offset + number; i++) {
                    if (buffer[i] == '\n') {
                        lines++;
                    }
                }
                read += Math.max(number, 0);
                progress.at(read, hasLines ? String.format(Locale.ROOT, "%,d lines", lines) : "");
                return number;
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }

        void throwIfFailed() throws IOException {
            IOException failed = failure;
            if (failed != null) {
                throw failed;
            }
        }
    }
}
