package io.deviceregistry.domain;

import static io.deviceregistry.domain.Examples.ANDROID;
import static io.deviceregistry.domain.Examples.METADATA;
import static io.deviceregistry.domain.Examples.OTHER_TOKEN;
import static io.deviceregistry.domain.Examples.TOKEN;
import static io.deviceregistry.domain.Examples.android;
import static io.deviceregistry.domain.Examples.ios;
import static io.deviceregistry.domain.Examples.observedAt;
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

    @Test
    void of_two_entries_for_one_token_the_last_metadata_wins() {
        DeviceRegistration first = new DeviceRegistration(ANDROID, TOKEN, METADATA);
        DeviceRegistration last = new DeviceRegistration(ANDROID, TOKEN, DeviceMetadata.NONE);

        assertThat(first.followedBy(last)).isEqualTo(last);
    }

    @Test
    void metadata_that_the_last_entry_does_not_mention_is_that_of_the_entry_before() {
        DeviceRegistration first = new DeviceRegistration(ANDROID, TOKEN, METADATA);

        assertThat(first.followedBy(android(TOKEN))).isEqualTo(first);
        assertThat(android(TOKEN).followedBy(android(TOKEN)).metadata()).isNull();
    }

    @Test
    void of_two_entries_for_one_token_the_newest_time_wins_in_whatever_order_they_are() {
        DeviceRegistration earlier = android(TOKEN, observedAt(10));
        DeviceRegistration later = android(TOKEN, observedAt(20));

        assertThat(earlier.followedBy(later)).isEqualTo(later);
        assertThat(later.followedBy(earlier)).isEqualTo(later);
    }

    @Test
    void an_entry_without_a_time_is_true_on_arrival_and_so_the_newest() {
        DeviceRegistration timed = android(TOKEN, observedAt(10));

        assertThat(timed.followedBy(android(TOKEN))).isEqualTo(android(TOKEN));
        assertThat(android(TOKEN).followedBy(timed)).isEqualTo(android(TOKEN));
    }

    @Test
    void the_last_metadata_wins_even_if_the_entry_before_has_the_newest_time() {
        DeviceRegistration newest = android(TOKEN, observedAt(20));
        DeviceRegistration last = new DeviceRegistration(ANDROID, TOKEN, METADATA, observedAt(10));

        assertThat(newest.followedBy(last)).isEqualTo(new DeviceRegistration(ANDROID, TOKEN, METADATA, observedAt(20)));
    }
}
