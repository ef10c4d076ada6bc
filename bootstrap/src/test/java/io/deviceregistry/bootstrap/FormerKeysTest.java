package io.deviceregistry.bootstrap;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FormerKeysTest {

    @ParameterizedTest
    @ValueSource(
            strings = {"registry.stale-after.android", "REGISTRY_STALE_AFTER_SMART_TV", "registry.stale.after.smart.tv"
            })
    void given_a_type_in_a_key_then_it_is_told_what_takes_its_place(String key) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FormerKeys.refuse(List.of("registry.stale-after", key)))
                .withMessageContainingAll(key, "set registry.stale-after to", "android=270D");
    }

    @ParameterizedTest
    @ValueSource(strings = {"registry.requests-per-second-of.batch", "REGISTRY_REQUESTS_PER_SECOND_OF_SHOP_BACKEND"})
    void given_a_caller_in_a_key_then_it_is_told_what_takes_its_place(String key) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FormerKeys.refuse(List.of("registry.requests-per-second-of", key)))
                .withMessageContainingAll(key, "set registry.requests-per-second-of to", "shop-backend=20");
    }

    @Test
    void given_other_keys_then_none_is_refused() {
        assertThatCode(() -> FormerKeys.refuse(List.of(
                        "registry.stale-after",
                        "REGISTRY_STALE_AFTER",
                        "registry.stale-check-interval",
                        "registry.requests-per-second",
                        "REGISTRY_REQUESTS_PER_SECOND_OF")))
                .doesNotThrowAnyException();
    }
}
