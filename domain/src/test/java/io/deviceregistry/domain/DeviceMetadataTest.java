package io.deviceregistry.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.deviceregistry.domain.InvalidMembersException.Violation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceMetadataTest {
    private static final String NOT_PLAIN = "must be valid Unicode without control characters";

    private static List<Violation> violations(Map<String, String> extra) {
        return catchThrowableOfType(
                        InvalidMembersException.class, () -> new DeviceMetadata(null, null, null, null, null, extra))
                .violations();
    }

    private static Map<String, String> extraOfSize(int size) {
        return IntStream.range(0, size).boxed().collect(Collectors.toMap(i -> "key-" + i, i -> "value"));
    }

    private static Violation violation(String rule, String... path) {
        return new Violation(List.of(path), rule);
    }

    @Test
    void every_part_may_be_as_long_as_its_limit() {
        Map<String, String> extra = extraOfSize(19);
        extra.put("k".repeat(64), "v".repeat(256));

        DeviceMetadata longest = new DeviceMetadata(
                "a".repeat(256), "b".repeat(64), "c".repeat(64), "d".repeat(64), "e".repeat(64), extra);

        assertThat(longest.appId()).hasSize(256);
        assertThat(longest.extra()).hasSize(20);
    }

    @Test
    void all_violations_are_told_at_once_each_with_its_path() {
        Map<String, String> extra = extraOfSize(19);
        extra.put("k".repeat(65), "fine");
        extra.put("long", "v".repeat(257));

        InvalidMembersException refused = catchThrowableOfType(
                InvalidMembersException.class,
                () -> new DeviceMetadata("a".repeat(257), "b".repeat(65), "", "d\0", "\uD800", extra));

        assertThat(refused).hasMessage("Some members are not valid.");
        assertThat(refused.violations())
                .containsExactlyInAnyOrder(
                        violation("must be 1 to 256 characters", "app_id"),
                        violation("must be 1 to 64 characters", "app_version"),
                        violation("must be 1 to 64 characters", "os_version"),
                        violation(NOT_PLAIN, "locale"),
                        violation(NOT_PLAIN, "time_zone"),
                        violation("must have at most 20 members", "extra"),
                        violation("has a name that must be 1 to 64 characters", "extra", "k".repeat(65)),
                        violation("must be 1 to 256 characters", "extra", "long"));
    }

    @Test
    void a_name_and_its_value_are_told_apart() {
        assertThat(violations(Map.of("", "")))
                .containsExactly(
                        violation("has a name that must be 1 to 64 characters", "extra", ""),
                        violation("must be 1 to 256 characters", "extra", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\0b", "a\nb", "a\u007f", "\uD83D", "\uDE00\uD83D"})
    void what_cannot_be_stored_as_it_is_is_refused_in_names_and_values(String text) {
        assertThat(violations(Map.of("key", text))).containsExactly(violation(NOT_PLAIN, "extra", "key"));
        assertThat(violations(Map.of(text, "value")))
                .containsExactly(violation("has a name that " + NOT_PLAIN, "extra", text));
    }

    @Test
    void no_metadata_is_valid_metadata() {
        assertThat(DeviceMetadata.NONE).isEqualTo(new DeviceMetadata(null, null, null, null, null, Map.of()));
    }

    @Test
    void a_later_change_of_the_callers_map_changes_nothing() {
        Map<String, String> extra = new HashMap<>(Map.of("plan", "gold"));
        DeviceMetadata metadata = new DeviceMetadata(null, null, null, null, null, extra);

        extra.put("plan", "\0");

        assertThat(metadata.extra()).containsExactly(Map.entry("plan", "gold"));
    }
}
