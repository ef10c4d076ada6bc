package io.deviceregistry.adapter.in.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.adapter.in.rest.Lines.Line;
import io.deviceregistry.adapter.in.rest.Lines.Line.Text;
import io.deviceregistry.adapter.in.rest.Lines.Line.Unreadable;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinesTest {

    private static List<Line> lines(InputStream stream) throws IOException {
        Lines lines = new Lines(stream);
        List<Line> all = new ArrayList<>();
        for (Line line = lines.next(); line != null; line = lines.next()) {
            all.add(line);
        }
        return all;
    }

    private static List<Line> lines(String text) throws IOException {
        return lines(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void lines_end_with_one_or_two_characters_and_the_last_one_with_the_stream() throws IOException {
        assertThat(lines("a\nb\r\n\nc"))
                .containsExactly(new Text(1, "a"), new Text(2, "b"), new Text(3, ""), new Text(4, "c"));
        assertThat(lines("a\n")).containsExactly(new Text(1, "a"));
        assertThat(lines("\n")).containsExactly(new Text(1, ""));
        assertThat(lines("")).isEmpty();
    }

    @Test
    void a_mark_of_the_byte_order_is_no_part_of_the_first_line() throws IOException {
        assertThat(lines("\uFEFFa\n\uFEFFb")).containsExactly(new Text(1, "a"), new Text(2, "\uFEFFb"));
    }

    @Test
    void a_line_that_is_too_long_spoils_no_other() throws IOException {
        String longest = "é".repeat(Lines.MAX_BYTES / 2);

        assertThat(lines(longest + "\n" + longest + "x\nlast"))
                .containsExactly(
                        new Text(1, longest), new Unreadable(2, "is longer than 65536 bytes"), new Text(3, "last"));
        assertThat(lines("x".repeat(10 * Lines.MAX_BYTES)))
                .containsExactly(new Unreadable(1, "is longer than 65536 bytes"));
    }

    @Test
    void a_line_that_is_no_text_spoils_no_other() throws IOException {
        assertThat(lines(new ByteArrayInputStream(new byte[] {'a', '\n', (byte) 0xC3, '\n', 'b'})))
                .containsExactly(new Text(1, "a"), new Unreadable(2, "is not UTF-8"), new Text(3, "b"));
    }

    @Test
    void what_comes_byte_by_byte_is_read_the_same() throws IOException {
        byte[] bytes = "漢字\r\n😀\n".getBytes(StandardCharsets.UTF_8);
        InputStream slow = new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] b, int off, int len) {
                return super.read(b, off, Math.min(len, 1));
            }
        };

        assertThat(lines(slow)).containsExactly(new Text(1, "漢字"), new Text(2, "😀"));
    }
}
