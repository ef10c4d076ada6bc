package io.deviceregistry.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceIdTest {

    @Test
    void a_uuid_is_read_in_any_case_and_written_in_lower_case() {
        String text = "0195f0a4-7b1c-7def-8abc-0123456789AB";

        DeviceId id = DeviceId.parse(text);

        assertThat(id).hasToString("0195f0a4-7b1c-7def-8abc-0123456789ab");
        assertThat(DeviceId.parse(id.toString())).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1-2-3-4-5",
                "0195f0a47b1c7def8abc0123456789ab",
                "{0195f0a4-7b1c-7def-8abc-0123456789ab}",
                " 0195f0a4-7b1c-7def-8abc-0123456789ab",
                "0195f0a4-7b1c-7def-8abc-0123456789ab\n",
                "0195f0a4-7b1c-7def-8abc-0123456789abc",
                "0195f0a4-7b1c-7def-8abc-0123456789ag",
                "0195f0a4-7b1c-7def-8abc-０123456789a"
            })
    void any_other_form_of_a_uuid_is_refused(String text) {
        assertThatExceptionOfType(InvalidValueException.class)
                .isThrownBy(() -> DeviceId.parse(text))
                .withMessage("must be a UUID");
    }

    @Test
    void ids_are_ordered_by_unsigned_bytes_in_both_halves() {
        List<DeviceId> ascending = Stream.of(
                        "00000000-0000-0000-0000-000000000000",
                        "00000000-0000-0000-7fff-ffffffffffff",
                        "00000000-0000-0000-8000-000000000000",
                        "00000000-0000-0000-ffff-ffffffffffff",
                        "7fffffff-ffff-ffff-0000-000000000000",
                        "80000000-0000-0000-0000-000000000000",
                        "ffffffff-ffff-ffff-0000-000000000000",
                        "ffffffff-ffff-ffff-ffff-ffffffffffff")
                .map(DeviceId::parse)
                .toList();

        assertThat(ascending.reversed().stream().sorted()).containsExactlyElementsOf(ascending);
    }

    @Test
    void ids_are_ordered_as_their_texts_are_which_is_postgresqls_order() {
        Random random = new Random(1);
        List<DeviceId> ids = Stream.generate(() -> new DeviceId(new UUID(random.nextLong(), random.nextLong())))
                .limit(1_000)
                .toList();

        assertThat(ids.stream().sorted())
                .containsExactlyElementsOf(ids.stream()
                        .sorted(Comparator.comparing(DeviceId::toString))
                        .toList());
    }
}
