package io.deviceregistry.application.service;

import static io.deviceregistry.application.service.Tasks.device;
import static io.deviceregistry.application.service.Tasks.held;
import static io.deviceregistry.application.service.Tasks.leaseOf;
import static io.deviceregistry.application.service.Tasks.task;
import static io.deviceregistry.application.testing.Examples.android;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceToken;
import org.junit.jupiter.api.Test;

class MaskingTest {
    private static final Device NEW = device(android(new DeviceToken("new-token")));
    private static final Device HELD = device(android(new DeviceToken("held-token")));

    private final Masking masking = Masking.ofTokensIn(leaseOf(task(NEW, held(HELD))));

    @Test
    void the_token_of_the_device_and_the_one_the_provider_holds_are_masked_wherever_they_stand() {
        assertThat(masking.mask("{\"held-token\":\"is not new-token\"} new-token"))
                .isEqualTo("{\"***\":\"is not ***\"} ***");
    }

    @Test
    void words_without_a_token_are_kept() {
        assertThat(masking.mask("no such app")).isEqualTo("no such app");
    }

    @Test
    void a_token_that_is_part_of_another_leaves_nothing_of_the_other_readable() {
        Masking overlapping = Masking.ofTokensIn(leaseOf(
                task(device(android(new DeviceToken("abc"))), null),
                task(device(android(new DeviceToken("abc-secret-rest"))), null)));

        assertThat(overlapping.mask("abc-secret-rest and abc")).isEqualTo("*** and ***");
    }

    @Test
    void a_token_is_text_and_no_pattern() {
        Masking special = Masking.ofTokensIn(leaseOf(task(device(android(new DeviceToken("a.c$1\\"))), null)));

        assertThat(special.mask("a.c$1\\ but not abc$1\\")).isEqualTo("*** but not abc$1\\");
    }

    @Test
    void long_words_are_cut_after_500_characters() {
        assertThat(masking.mask("x".repeat(500))).hasSize(500);
        assertThat(masking.mask("x".repeat(501))).isEqualTo("x".repeat(500));
    }

    @Test
    void a_token_across_the_cut_is_masked_before_the_cut() {
        assertThat(masking.mask("x".repeat(495) + "new-token")).isEqualTo("x".repeat(495) + "***");
    }

    @Test
    void a_token_is_recognised_escaped_and_cut_off() {
        Masking special = Masking.ofTokensIn(leaseOf(task(device(android(new DeviceToken("a/b+c=\"d\" e"))), null)));

        assertThat(
                        special.mask(
                                "{\"t\":\"a/b+c=\\\"d\\\" e\"} a\\/b+c=\\\"d\\\" e a%2Fb%2Bc%3D%22d%22+e a%2Fb%2Bc%3D%22d%22%20e"))
                .isEqualTo("{\"t\":\"***\"} *** *** ***");
        assertThat(masking.mask("new-token was held-tok...")).isEqualTo("*** was ***...");
    }

    @Test
    void what_a_database_refuses_becomes_a_blank() {
        assertThat(masking.mask("a\u0000b\u0007c\ud83dd")).isEqualTo("a b c d");
        assertThat(masking.mask("x".repeat(499) + "😀")).isEqualTo("x".repeat(499) + " ");
        assertThat(masking.mask("😀")).isEqualTo("😀");
    }
}
