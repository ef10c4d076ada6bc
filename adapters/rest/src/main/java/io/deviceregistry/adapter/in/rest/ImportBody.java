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
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** The body of an import, which is read as it arrives. */
final class ImportBody {
    private static final int BUFFER = 64 * 1024;

    /** What is still sent when an import was refused, and thrown away, so that the sender comes to read why. */
    private static final long MOST_TO_DRAIN = 64L * 1024 * 1024;

    private static final Duration DRAIN_TIME = Duration.ofSeconds(5);

    private ImportBody() {}

    /**
     * The content as it was before it was encoded for the way. To be closed, which leaves the body open: what is left of it
     * may have to be drained.
     *
     * @throws UnreadableBodyException if the headers do not say what it is, or it is encoded in a way that is not known
     *     here, or a text of another character set
     * @throws IOException if it is not of the encoding that the headers name
     */
    static InputStream decoded(HttpHeaders headers, InputStream body) throws IOException {
        MediaType type = headers.getMediaType();
        if (type == null) {
            // To guess would mean to refuse each line of a file by itself.
            throw new UnreadableBodyException(
                    ProblemCode.UNSUPPORTED_MEDIA_TYPE,
                    "Content-Type must be " + NdjsonRows.MEDIA_TYPE + " or " + CsvRows.MEDIA_TYPE + ".");
        }
        String charset = type.getParameters().get(MediaType.CHARSET_PARAMETER);
        if (charset != null && !charset.equalsIgnoreCase(StandardCharsets.UTF_8.name())) {
            throw new UnreadableBodyException(ProblemCode.UNSUPPORTED_MEDIA_TYPE, "The body must be in UTF-8.");
        }
        String encoding = encoding(headers.getHeaderString(HttpHeaders.CONTENT_ENCODING));
        return switch (encoding) {
            case "identity" -> new Arriving(body);
            case "gzip", "x-gzip" -> decompressed(body);
            default ->
                throw new UnreadableBodyException(
                        ProblemCode.UNSUPPORTED_MEDIA_TYPE, "Content-Encoding may be gzip, and nothing else.");
        };
    }

    private static String encoding(@Nullable String header) {
        return header == null ? "identity" : header.strip().toLowerCase(Locale.ROOT);
    }

    /**
     * What one or several compressed files, put together, were made of.
     *
     * @throws IOException if the body does not begin as such a file
     */
    static InputStream decompressed(InputStream body) throws IOException {
        return new Decompressed(new Arriving(body));
    }

    /** Tells an end that was reached from a file that was cut, damaged or broken off behind the first that is in it. */
    private static final class Decompressed extends GZIPInputStream {
        private static final int TRAILER = 8;

        private final Arriving body;
        private long arrivedWhenFilled;

        Decompressed(Arriving body) throws IOException {
            super(body, BUFFER);
            this.body = body;
        }

        @Override
        protected void fill() throws IOException {
            super.fill();
            arrivedWhenFilled = body.arrived;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int read = super.read(buffer, offset, length);
            if (read < 0) {
                throwUnlessWhole();
            }
            return read;
        }

        /** The decoder takes whatever is not the beginning of another file for the end, also a failure to read it. */
        private void throwUnlessWhole() throws IOException {
            IOException failure = body.failure;
            if (failure != null) {
                throw failure;
            }
            long behindTheData = inf.getRemaining() + body.arrived - arrivedWhenFilled;
            if (!body.ended || behindTheData != TRAILER) {
                throw new ZipException("What follows a compressed file is none");
            }
        }
    }

    /** A body that stays open, and of which it is known how far it came and how it ended. */
    private static final class Arriving extends FilterInputStream {
        private long arrived;
        private boolean ended;
        private @Nullable IOException failure;

        Arriving(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            try {
                int read = super.read(buffer, offset, length);
                arrived += Math.max(read, 0);
                ended = read < 0;
                return read;
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }

        /**
         * Says that more may come, since nobody knows: of a stream that has nothing at this moment, a decoder may believe
         * that it has ended, and would leave out what follows of several files that were put together.
         */
        @Override
        public int available() {
            return 1;
        }

        @Override
        public void close() {
            // Whoever gave it drains it, or closes the connection.
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
