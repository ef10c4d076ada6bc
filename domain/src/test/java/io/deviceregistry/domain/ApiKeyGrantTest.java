package io.deviceregistry.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiKeyGrantTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "shop",
                "0",
                "crm.mobile-app_2",
                "a123456789012345678901234567890123456789012345678901234567890123"
            })
    void these_can_be_given_keys(String name) {
        assertThat(ApiKeyGrant.caller(name)).isEqualTo(new Caller(name));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Shop",
                "-shop",
                "oidc:shop",
                "two words",
                "registry",
                "bootstrap",
                "a1234567890123456789012345678901234567890123456789012345678901234"
            })
    void these_cannot(String name) {
        assertThatThrownBy(() -> ApiKeyGrant.caller(name)).isInstanceOf(InvalidValueException.class);
    }

    @Test
    void a_key_that_allows_nothing_is_refused() {
        assertThatThrownBy(() -> new ApiKeyGrant(new Caller("shop"), Set.of(), null))
                .isInstanceOf(InvalidValueException.class);
    }

    @Test
    void every_scope_has_a_word_by_which_it_is_found() {
        for (AccessScope scope : AccessScope.values()) {
            assertThat(AccessScope.parse(scope.word())).isEqualTo(scope);
        }
        assertThat(Arrays.stream(AccessScope.values()).map(AccessScope::word)).doesNotHaveDuplicates();
        assertThatThrownBy(() -> AccessScope.parse("DEVICES_READ"))
                .isInstanceOf(InvalidValueException.class)
                .hasMessageContaining("devices:read");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two words", "naïve", "tab\t"})
    void a_caller_is_named_by_visible_ascii(String name) {
        assertThatThrownBy(() -> new Caller(name)).isInstanceOf(InvalidValueException.class);
    }
}
