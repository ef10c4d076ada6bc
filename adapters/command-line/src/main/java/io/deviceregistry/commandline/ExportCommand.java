package io.deviceregistry.commandline;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes all devices to a file, which is there only when it is whole. */
@Command(
        name = "export",
        description = {
            "Writes the devices of the service at REGISTRY_URL (http://localhost:8080) to a file, with the key in "
                    + "REGISTRY_API_KEY, which needs the scope devices:search. The file is there once it is whole, and "
                    + "holds tokens in clear: only its owner may read it. What was exported can be imported."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nIt ends with:%n",
        exitCodeList = {
            "0:The file holds all devices.",
            "1:The service refused, did not answer, or broke off. The file is as it was before.",
            "2:The command, or a variable, makes no sense, or the file cannot be written."
        })
final class ExportCommand implements Callable<Integer> {
    private static final String PATH = "/v1/exports/devices";
    private static final int BUFFER = 64 * 1024;

    private final Function<@Nullable String, RegistryApi> registry;
    private final PrintWriter err;
    private final boolean terminal;

    @Parameters(
            paramLabel = "FILE",
            description = "where to write; compressed if it ends in .gz; - for the standard output")
    private String file = "";

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description =
                    "ndjson or csv; by default as the file's name ends: .ndjson, .jsonl or .csv, and .gz after that")
    private @Nullable FileFormat format;

    @Option(
            names = "--status",
            paramLabel = "STATUS",
            split = ",",
            description = "devices with one of these, between commas: ${COMPLETION-CANDIDATES}; by default ACTIVE, "
                    + "which are those that can be imported")
    private Set<Status> statuses = Set.of();

    @Option(names = "--url", paramLabel = "URL", description = "the service, in place of REGISTRY_URL")
    private @Nullable String url;

    ExportCommand(Function<@Nullable String, RegistryApi> registry, PrintWriter err, boolean terminal) {
        this.registry = registry;
        this.err = err;
        this.terminal = terminal;
    }

    /** That devices can have. */
    private enum Status {
        ACTIVE,
        INVALID,
        REMOVED
    }

    private record Exported(long rows, String changesCursor) {}

    @Override
    public Integer call() {
        RegistryApi api = registry.apply(url);
        FileFormat written = FileFormat.of(file, format);
        String path = PATH
                + (statuses.isEmpty()
                        ? ""
                        : "?status=" + statuses.stream().map(Status::name).collect(Collectors.joining(",")));
        Exported exported;
        try {
            exported = export(api, path, written);
        } catch (IOException e) {
            throw new RefusedException.Senseless("Cannot write " + file + ": " + e);
        }
        err.printf(
                Locale.ROOT,
                "%,d rows; what changed since it began: /v1/changes?after=%s%n",
                exported.rows(),
                exported.changesCursor());
        return 0;
    }

    private Exported export(RegistryApi api, String path, FileFormat written) throws IOException {
        if (file.equals("-")) {
            // Not System.out, which keeps to itself that it could not write.
            return exportTo(new FileOutputStream(FileDescriptor.out), api, path, written);
        }
        Path to = Path.of(file);
        // Before anything is asked for: an export may take hours.
        if (Files.isDirectory(to)) {
            throw new RefusedException.Senseless(file + " is a directory.");
        }
        if (!Files.exists(to)) {
            return exportInPlaceOf(to, api, path, written);
        }
        if (Files.isRegularFile(to)) {
            // What a link points to, and not the link.
            return exportInPlaceOf(to.toRealPath(), api, path, written);
        }
        // A device or a pipe, in whose place a file would be in everybody's way.
        try (OutputStream out = Files.newOutputStream(to)) {
            return exportTo(out, api, path, written);
        }
    }

    /** First to a file beside it, so that what is there under the name was written to the end. */
    private Exported exportInPlaceOf(Path to, RegistryApi api, String path, FileFormat written) throws IOException {
        Path part = Files.createTempFile(to.toAbsolutePath().getParent(), to.getFileName() + ".", ".part");
        // Also when Ctrl-C ends it.
        part.toFile().deleteOnExit();
        try (FileOutputStream out = new FileOutputStream(part.toFile())) {
            Exported exported = exportTo(out, api, path, written);
            out.getFD().sync();
            Files.move(part, to, StandardCopyOption.ATOMIC_MOVE);
            return exported;
        }
    }

    /** Compressed if the name of the file says so. */
    private Exported exportTo(OutputStream out, RegistryApi api, String path, FileFormat written) throws IOException {
        OutputStream content = FileFormat.isCompressed(file)
                ? new GZIPOutputStream(out, BUFFER)
                : new BufferedOutputStream(out, BUFFER);
        Exported exported = export(api, path, written, content);
        if (content instanceof GZIPOutputStream compressed) {
            compressed.finish();
        }
        content.flush();
        return exported;
    }

    private Exported export(RegistryApi api, String path, FileFormat written, OutputStream to) throws IOException {
        RegistryApi.Download download = api.download(path, written.mediaType());
        try (InputStream devices = download.body();
                Progress progress = Progress.of(
                        new Progress.Task("Exported", Progress.Unit.ROWS, 0, download.estimatedRows()),
                        err,
                        terminal)) {
            Rows rows = new Rows(written);
            byte[] buffer = new byte[BUFFER];
            for (int length = read(devices, buffer, rows); length >= 0; length = read(devices, buffer, rows)) {
                to.write(buffer, 0, length);
                rows.count(buffer, length);
                progress.at(rows.number(), "");
            }
            to.flush();
            if (rows.endsWithin()) {
                throw brokenOff(rows, "the last row is not whole");
            }
            return new Exported(rows.number(), download.changesCursor());
        }
    }

    private static int read(InputStream devices, byte[] buffer, Rows rows) {
        try {
            return devices.read(buffer);
        } catch (IOException e) {
            throw brokenOff(rows, e.toString());
        }
    }

    private static RefusedException brokenOff(Rows rows, String reason) {
        return new RefusedException.Unavailable(String.format(
                Locale.ROOT, "The export broke off after %,d rows: %s. Begin it anew.", rows.number(), reason));
    }

    private static final class Rows {
        private long lines;
        private boolean within;
        private final boolean named;

        Rows(FileFormat format) {
            named = format == FileFormat.CSV;
        }

        void count(byte[] bytes, int length) {
            for (int i = 0; i < length; i++) {
                if (bytes[i] == '\n') {
                    lines++;
                }
            }
            if (length > 0) {
                within = bytes[length - 1] != '\n';
            }
        }

        boolean endsWithin() {
            return within;
        }

        long number() {
            return named ? Math.max(lines - 1, 0) : lines;
        }
    }
}
