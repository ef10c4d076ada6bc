package io.deviceregistry.commandline;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a file of devices is written in. */
enum FileFormat {
    NDJSON("application/x-ndjson"),
    CSV("text/csv");

    private static final String GZIP = ".gz";

    private final String mediaType;

    FileFormat(String mediaType) {
        this.mediaType = mediaType;
    }

    String mediaType() {
        return mediaType;
    }

    /**
     * @param given null to go by the file's name
     * @throws RefusedException.Senseless if the name does not tell
     */
    static FileFormat of(String file, @Nullable FileFormat given) {
        if (given != null) {
            return given;
        }
        String name = file.toLowerCase(Locale.ROOT);
        name = isCompressed(name) ? name.substring(0, name.length() - GZIP.length()) : name;
        if (name.endsWith(".csv")) {
            return CSV;
        }
        if (name.endsWith(".ndjson") || name.endsWith(".jsonl")) {
            return NDJSON;
        }
        throw new RefusedException.Senseless(
                "Say by --format whether " + file + " is ndjson or csv; its name does not tell.");
    }

    static boolean isCompressed(String file) {
        return file.toLowerCase(Locale.ROOT).endsWith(GZIP);
    }
}
