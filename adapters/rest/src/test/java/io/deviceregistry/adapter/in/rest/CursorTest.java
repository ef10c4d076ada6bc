package io.deviceregistry.adapter.in.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.deviceregistry.application.port.out.ChangeCursor;
import io.deviceregistry.domain.InvalidValueException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CursorTest {

    static Stream<Arguments> nonsense() {
        return Stream.of(
                of(Cursor::device, "d"),
                of(Cursor::customer, "c"),
                of(Cursor::apiKey, "k1"),
                of(Cursor::parked, "p"),
                of(Cursor::parked, "p018c7737-0ab2-78f7-ba75-1710dd8fe631"),
                of(Cursor::change, "f1:1:1"),
                of(Cursor::change, "f" + "-".repeat(36) + ":1:1"),
                of(Cursor::change, "f" + "0".repeat(28) + "-1-1-1-1:1:1"),
                of(Cursor::importJob, "i?"),
                of(Cursor::line, "l-1"),
                of(Cursor::line, "l" + "9".repeat(19)),
                of(Cursor::line, "d018c7737-0ab2-78f7-ba75-1710dd8fe631"));
    }

    private static Arguments of(Function<String, ?> list, String inside) {
        return Arguments.of(
                list, Base64.getUrlEncoder().encodeToString(inside.getBytes(StandardCharsets.US_ASCII)), inside);
    }

    @ParameterizedTest(name = "{2}")
    @MethodSource("nonsense")
    void one_that_no_list_answered_with_is_refused_as_a_whole(Function<String, ?> list, String cursor, String inside) {
        assertThatExceptionOfType(InvalidValueException.class)
                .isThrownBy(() -> list.apply(cursor))
                .withMessage("must be a cursor that this list answered with");
    }

    @Test
    void one_of_the_changes_leads_to_the_same_position() {
        ChangeCursor position =
                new ChangeCursor(UUID.fromString("018c7737-0ab2-78f7-ba75-1710dd8fe631"), 812_345, 999_999_999_999L);

        assertThat(Cursor.change(Cursor.after(position))).isEqualTo(position);
    }
}
