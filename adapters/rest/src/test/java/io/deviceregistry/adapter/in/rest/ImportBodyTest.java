package io.deviceregistry.adapter.in.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compressed files, which may be several put together. */
class ImportBodyTest {
    private static final byte[] FIRST = gzip("first\n");
    private static final byte[] SECOND = gzip("second\n");
    private static final byte[] BOTH = together(FIRST, SECOND);

    private static byte[] gzip(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] together(byte[]... parts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            bytes.writeBytes(part);
        }
        return bytes.toByteArray();
    }

    /** So many bytes at a time, and a failure in place of the end, if there is one. */
    private static InputStream arriving(byte[] bytes, int atOnce, boolean breaks) {
        return new FilterInputStream(new ByteArrayInputStream(bytes)) {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                int read = super.read(buffer, offset, Math.min(length, atOnce));
                if (read < 0 && breaks) {
                    throw new StoppableStream.StoppedException();
                }
                return read;
            }
        };
    }

    private static String read(InputStream body) throws IOException {
        try (InputStream content = ImportBody.decompressed(body)) {
            return new String(content.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 1_000})
    void what_was_put_together_is_read_as_one(int atOnce) throws IOException {
        assertThat(read(arriving(BOTH, atOnce, false))).isEqualTo("first\nsecond\n");
        assertThat(read(arriving(FIRST, atOnce, false))).isEqualTo("first\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 1_000})
    void what_is_cut_anywhere_but_between_two_is_not_taken_for_the_whole(int atOnce) throws IOException {
        for (int length = 0; length < BOTH.length; length++) {
            InputStream cut = arriving(Arrays.copyOf(BOTH, length), atOnce, false);
            if (length == FIRST.length) {
                assertThat(read(cut)).isEqualTo("first\n");
            } else {
                assertThatExceptionOfType(IOException.class)
                        .as("cut after " + length)
                        .isThrownBy(() -> read(cut));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 1_000})
    void a_connection_that_breaks_anywhere_is_no_end(int atOnce) {
        for (int length = 0; length <= BOTH.length; length++) {
            InputStream broken = arriving(Arrays.copyOf(BOTH, length), atOnce, true);
            assertThatExceptionOfType(StoppableStream.StoppedException.class)
                    .as("broken after " + length)
                    .isThrownBy(() -> read(broken));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 1_000})
    void what_follows_and_is_not_compressed_is_not_left_out(int atOnce) {
        byte[] damaged = BOTH.clone();
        damaged[FIRST.length] ^= 1;
        for (byte[] file : new byte[][] {damaged, together(FIRST, new byte[] {'x'}), together(FIRST, new byte[100])}) {
            assertThatExceptionOfType(IOException.class).isThrownBy(() -> read(arriving(file, atOnce, false)));
        }
    }

    @Test
    void the_body_stays_open_for_what_is_still_to_be_read_of_it() throws IOException {
        InputStream body = new FilterInputStream(new ByteArrayInputStream(FIRST)) {
            @Override
            public void close() {
                throw new AssertionError("closed");
            }
        };

        assertThat(read(body)).isEqualTo("first\n");
    }
}
