package io.deviceregistry.adapter.in.rest;

import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** The body of an import, which is read as it arrives. */
final class ImportBody {
    private static final int BUFFER = 64 * 1024;

    /** What is still sent when an import was refused, and thrown away, so that the sender comes to read why. */
    private static final long MOST_TO_DRAIN = 64L * 1024 * 1024;

    private static final Duration DRAIN_TIME = Duration.ofSeconds(5);

    private ImportBody() {}

    /**
     * The content as it was before it was encoded for the way.
     *
     * @throws UnreadableBodyException if it is encoded in a way that is not known here, or a text of another character set
     * @throws IOException if it is not of the encoding that the headers name
     */
    static InputStream decoded(HttpHeaders headers, InputStream body) throws IOException {
        MediaType type = headers.getMediaType();
        String charset = type == null ? null : type.getParameters().get(MediaType.CHARSET_PARAMETER);
        if (charset != null && !charset.equalsIgnoreCase(StandardCharsets.UTF_8.name())) {
            throw new UnreadableBodyException(ProblemCode.UNSUPPORTED_MEDIA_TYPE, "The body must be in UTF-8.");
        }
        String encoding = encoding(headers.getHeaderString(HttpHeaders.CONTENT_ENCODING));
        return switch (encoding) {
            case "identity" -> body;
            case "gzip", "x-gzip" -> new GZIPInputStream(new Unended(body), BUFFER);
            default ->
                throw new UnreadableBodyException(
                        ProblemCode.UNSUPPORTED_MEDIA_TYPE, "Content-Encoding may be gzip, and nothing else.");
        };
    }

    private static String encoding(@Nullable String header) {
        return header == null ? "identity" : header.strip().toLowerCase(Locale.ROOT);
    }

    /**
     * Says that more may come, since nobody knows: of a stream that has nothing at this moment, the decoder believes that it
     * has ended, and would leave out what follows of several files that were put together.
     */
    private static final class Unended extends FilterInputStream {
        Unended(InputStream in) {
            super(in);
        }

        @Override
        public int available() {
            return 1;
        }
    }

    /** @return whether nothing is left */
    static boolean drain(InputStream body) {
        long end = System.nanoTime() + DRAIN_TIME.toNanos();
        long drained = 0;
        byte[] buffer = new byte[BUFFER];
        try {
            while (drained < MOST_TO_DRAIN && System.nanoTime() < end) {
                int read = body.read(buffer);
                if (read < 0) {
                    return true;
                }
                drained += read;
            }
        } catch (IOException e) {
            // Nobody is there to be told.
        }
        return false;
    }
}
