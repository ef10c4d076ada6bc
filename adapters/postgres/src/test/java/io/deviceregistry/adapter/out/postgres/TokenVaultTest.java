package io.deviceregistry.adapter.out.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceToken;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TokenVaultTest {
    private static final String ONE_KEY = key(1);
    private static final String OTHER_KEY = key(2);
    private static final DeviceId DEVICE = new DeviceId(UUID.randomUUID());
    private static final DeviceToken TOKEN = new DeviceToken("a token with ümlauts");

    private final TokenVault vault = new TokenVault(ONE_KEY, List.of(), OTHER_KEY, null);

    private static String key(int fill) {
        byte[] key = new byte[32];
        key[0] = (byte) fill;
        return Base64.getEncoder().encodeToString(key);
    }

    @Test
    void a_sealed_token_opens_for_its_device() {
        assertThat(vault.open(vault.seal(TOKEN, DEVICE), DEVICE)).isEqualTo(TOKEN);
    }

    @Test
    void a_sealed_token_shows_nothing_and_is_never_the_same_twice() {
        byte[] sealed = vault.seal(TOKEN, DEVICE);

        assertThat(new String(sealed, StandardCharsets.UTF_8)).doesNotContain("token");
        assertThat(sealed).isNotEqualTo(vault.seal(TOKEN, DEVICE));
    }

    @Test
    void a_sealed_token_is_worthless_in_the_row_of_another_device() {
        byte[] sealed = vault.seal(TOKEN, DEVICE);

        assertThatThrownBy(() -> vault.open(sealed, new DeviceId(UUID.randomUUID())))
                .isInstanceOf(UnreadableTokenException.class);
    }

    @Test
    void a_changed_byte_is_noticed() {
        byte[] sealed = vault.seal(TOKEN, DEVICE);
        sealed[sealed.length - 1] ^= 1;

        assertThatThrownBy(() -> vault.open(sealed, DEVICE)).isInstanceOf(UnreadableTokenException.class);
    }

    @Test
    void a_token_of_another_key_is_told_with_the_name_of_the_setting() {
        byte[] sealed = new TokenVault(key(3), List.of(), OTHER_KEY, null).seal(TOKEN, DEVICE);

        assertThatThrownBy(() -> vault.open(sealed, DEVICE)).hasMessageContaining("registry.token.encryption-key");
    }

    @Test
    void the_hash_of_a_token_depends_on_the_token_and_the_lookup_key_alone() {
        assertThat(vault.hashes().of(TOKEN))
                .hasSize(32)
                .isEqualTo(new TokenVault(key(3), List.of(), OTHER_KEY, null)
                        .hashes()
                        .of(TOKEN))
                .isNotEqualTo(new TokenVault(ONE_KEY, List.of(), key(3), null)
                        .hashes()
                        .of(TOKEN))
                .isNotEqualTo(vault.hashes().of(new DeviceToken("another")));
    }

    @Test
    void one_key_for_both_purposes_is_refused() {
        assertThatThrownBy(() -> new TokenVault(ONE_KEY, List.of(), ONE_KEY, null))
                .hasMessageContaining("registry.token.lookup-key")
                .hasMessageContaining("registry.token.encryption-key");
    }

    @Test
    void a_key_of_another_length_is_refused_by_name_and_without_its_value() {
        String shortKey = Base64.getEncoder().encodeToString(new byte[16]);

        assertThatThrownBy(() -> new TokenVault(shortKey, List.of(), OTHER_KEY, null))
                .hasMessageContaining("registry.token.encryption-key")
                .hasMessageContaining("32 bytes")
                .hasMessageNotContaining(shortKey);
    }

    @Test
    void what_a_further_key_sealed_opens_and_is_sealed_anew_with_the_key_in_use() throws Exception {
        byte[] sealed = new TokenVault(key(3), List.of(), OTHER_KEY, null).seal(TOKEN, DEVICE);
        TokenVault rotated = new TokenVault(ONE_KEY, List.of(key(4), key(3)), OTHER_KEY, null);

        assertThat(rotated.open(sealed, DEVICE)).isEqualTo(TOKEN);
        byte[] again = rotated.reseal(sealed, DEVICE);

        assertThat(vault.open(again, DEVICE)).isEqualTo(TOKEN);
        assertThat(TokenVault.keyOf(again)).isEqualTo(vault.sealingKeyId()).isNotEqualTo(TokenVault.keyOf(sealed));
    }

    @Test
    void one_key_twice_is_refused() {
        assertThatThrownBy(() -> new TokenVault(ONE_KEY, List.of(ONE_KEY), OTHER_KEY, null))
                .hasMessageContaining("registry.token.further-encryption-keys");
        assertThatThrownBy(() -> new TokenVault(ONE_KEY, List.of(OTHER_KEY), OTHER_KEY, null))
                .hasMessageContaining("registry.token.lookup-key")
                .hasMessageContaining("registry.token.further-encryption-keys");
    }
}
