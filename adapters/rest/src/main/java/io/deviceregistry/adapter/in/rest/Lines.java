package io.deviceregistry.adapter.in.rest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A stream's lines, one after the other, with no more of it in memory than one line and a buffer. They end with LF or CR
 * LF, the last one also with the stream. A mark of the byte order at the beginning is skipped.
 */
final class Lines {
    /** A device whose texts are as long as they may be comes to half of this: see {@link JsonBody#MAX_BYTES}. */
    static final int MAX_BYTES = 64 * 1024;

    private static final int BYTE_ORDER_MARK = '\uFEFF';

    private final InputStream stream;
    private final byte[] buffer = new byte[MAX_BYTES];
    private int next;
    private int end;

    private final byte[] line = new byte[MAX_BYTES];
    private int length;
    private long number;

    private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();

    Lines(InputStream stream) {
        this.stream = stream;
    }

    sealed interface Line {
        /** From 1 on. */
        long number();

        record Text(long number, String text) implements Line {
            boolean isBlank() {
                return text.isBlank();
            }
        }

        record Unreadable(long number, String reason) implements Line {}
    }

    /** @return null at the end */
    @Nullable Line next() throws IOException {
        length = 0;
        boolean any = false;
        boolean fits = true;
        while (fill()) {
            any = true;
            int from = next;
            while (next < end && buffer[next] != '\n') {
                next++;
            }
            fits &= append(from, next);
            if (next < end) {
                next++;
                return line(fits);
            }
        }
        return any ? line(fits) : null;
    }

    private boolean fill() throws IOException {
        if (next == end) {
            next = 0;
            end = stream.read(buffer);
        }
        return end > 0;
    }

    private boolean append(int from, int to) {
        int more = to - from;
        if (more > MAX_BYTES - length) {
            return false;
        }
        System.arraycopy(buffer, from, line, length, more);
        length += more;
        return true;
    }

    private Line line(boolean fits) {
        number++;
        if (!fits) {
            return new Line.Unreadable(number, "is longer than " + MAX_BYTES + " bytes");
        }
        int without = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
        try {
            CharBuffer text = utf8.decode(ByteBuffer.wrap(line, 0, without));
            boolean marked = number == 1 && !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK;
            return new Line.Text(number, text.toString().substring(marked ? 1 : 0));
        } catch (CharacterCodingException e) {
            return new Line.Unreadable(number, "is not UTF-8");
        }
    }
}
