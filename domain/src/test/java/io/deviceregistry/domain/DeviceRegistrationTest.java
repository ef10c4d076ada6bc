package io.deviceregistry.domain;

import static io.deviceregistry.domain.Examples.OTHER_TOKEN;
import static io.deviceregistry.domain.Examples.TOKEN;
import static io.deviceregistry.domain.Examples.android;
import static io.deviceregistry.domain.Examples.ios;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DeviceRegistrationTest {

    private static List<Integer> conflicts(Map<Integer, DeviceRegistration> entries) {
        return DeviceRegistration.conflictingTypes(new TreeMap<>(entries));
    }

    @Test
    void every_entry_that_differs_from_the_first_of_its_token_conflicts() {
        assertThat(conflicts(Map.of(
                        0, android(TOKEN), 1, ios(OTHER_TOKEN), 2, ios(TOKEN), 3, android(TOKEN), 4, ios(TOKEN))))
                .containsExactly(2, 4);
    }

    @Test
    void positions_are_those_of_the_request_even_where_entries_are_left_out() {
        assertThat(conflicts(Map.of(3, android(TOKEN), 17, ios(TOKEN)))).containsExactly(17);
    }

    @Test
    void the_same_type_again_and_other_tokens_do_not_conflict() {
        assertThat(conflicts(Map.of(0, android(TOKEN), 1, android(TOKEN), 2, ios(OTHER_TOKEN))))
                .isEmpty();
    }
}
