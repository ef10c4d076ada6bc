package io.deviceregistry.adapter.out.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.port.out.EncryptionKey;
import io.deviceregistry.application.port.out.EncryptionKey.State;
import io.deviceregistry.application.port.out.Holding;
import io.deviceregistry.application.port.out.Settlement;
import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.SyncLedger;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.ProviderId;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One encryption key takes the place of another. Everything happens in one transaction, which is undone at the end. */
@QuarkusTest
@WithTestResource(PostgresResource.class)
class KeyRotationTest {
    private static final String NEXT_KEY =
            Base64.getEncoder().encodeToString("the next key, of thirty-two byts".getBytes(StandardCharsets.US_ASCII));
    private static final String STRANGE_KEY =
            Base64.getEncoder().encodeToString("some other key of thirty-two byt".getBytes(StandardCharsets.US_ASCII));
    private static final int WINDOW = 1_000;

    @Inject
    DeviceStore store;

    @Inject
    SyncLedger ledger;

    @Inject
    DataSource dataSource;

    @Inject
    TokenKeys keys;

    private final ProviderId provider = Examples.aProvider();
    private Connection connection;
    private TokenVault vault;
    private TokenVault rotated;
    private TokenVault withoutFormer;

    @BeforeEach
    void begin() throws SQLException {
        String key = keys.encryptionKey();
        String lookupKey = keys.lookupKey();
        vault = new TokenVault(key, List.of(NEXT_KEY), lookupKey, null);
        rotated = new TokenVault(NEXT_KEY, List.of(key), lookupKey, null);
        withoutFormer = new TokenVault(NEXT_KEY, List.of(), lookupKey, null);
        connection = dataSource.getConnection();
        connection.setAutoCommit(false);
    }

    @AfterEach
    void undo() throws SQLException {
        connection.rollback();
        connection.setAutoCommit(true);
        connection.close();
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Until the walk is at its end; returns how many rows were written. */
    private int walk() throws SQLException {
        int written = 0;
        do {
            written += Resealing.step(connection, rotated, WINDOW);
        } while (isUnderWay());
        return written;
    }

    private boolean isUnderWay() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet walk = statement.executeQuery(
                        "select position is not null from walk where name = '" + Resealing.WALK + "'")) {
            return walk.next() && walk.getBoolean(1);
        }
    }

    /** For the next walk to be due, and for whoever encrypted with the former key to be gone for long. */
    private void letTimePass() throws SQLException {
        execute("update walk set begun_at = begun_at - interval '1 day' where name = '" + Resealing.WALK + "'");
        execute("update token_key set last_used_at = last_used_at - interval '2 days',"
                + " found_at = found_at - interval '2 days'");
    }

    private Device synced() {
        Device device = Examples.register(
                        store, Examples.aCustomer(), List.of(Examples.android(Examples.aToken())), Set.of(provider))
                .getFirst()
                .device();
        SyncLease lease = ledger.lease(provider, SyncLane.FRESH, Duration.ofMinutes(1), 1).stream()
                .findFirst()
                .orElseThrow();
        ledger.settle(
                lease,
                List.of(new Settlement(
                        device.id(), 1, new Settlement.Synced(new Holding("remote", device.type(), device.token())))));
        return device;
    }

    private List<byte[]> ciphersOf(Device device) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                select array[d.token_cipher, s.held_token_cipher] || s.former_token_ciphers
                  from device d join device_sync s on s.device_id = d.id where d.id = ?""")) {
            statement.setObject(1, device.id().value());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                Array ciphers = row.getArray(1);
                return List.of((byte[][]) ciphers.getArray());
            }
        }
    }

    @Test
    void what_the_former_key_encrypted_is_encrypted_anew_wherever_a_token_is_kept() throws SQLException {
        Device device = synced();
        KeyRecords.check(connection, vault);
        execute("update device_sync s set former_token_ciphers = array[d.token_cipher, d.token_cipher]"
                + " from device d where d.id = s.device_id and d.id = '" + device.id() + "'");
        KeyRecords.check(connection, rotated);
        assertThat(walk()).as("while the former key is in use").isZero();
        letTimePass();

        assertThat(walk()).isGreaterThanOrEqualTo(2);

        assertThat(ciphersOf(device))
                .hasSize(4)
                .allSatisfy(cipher -> assertThat(TokenVault.keyOf(cipher)).isEqualTo(rotated.sealingKeyId()))
                .allSatisfy(cipher ->
                        assertThat(withoutFormer.open(cipher, device.id())).isEqualTo(device.token()));
        letTimePass();
        assertThat(walk()).isZero();
    }

    @Test
    void a_walk_ends_with_the_devices_that_there_were_when_it_began_however_many_come() throws SQLException {
        Device device = synced();
        KeyRecords.check(connection, vault);
        KeyRecords.check(connection, rotated);
        letTimePass();
        int all = number("device");
        Resealing.step(connection, rotated, all);
        assertThat(isUnderWay()).isTrue();
        // More than a step looks at, by somebody who was away and came back with the former key.
        execute("insert into device (id, customer_id, token_hash, token_cipher, device_type, status, removal_reason)"
                + " select ('f0000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, d.customer_id,"
                + " sha256(n::text::bytea), '\\x01' || decode('" + vault.sealingKeyId() + "', 'hex') || '\\x00',"
                + " d.device_type, 'REMOVED', 'DEREGISTERED'"
                + " from device d, generate_series(1, " + (all + 1) + ") n where d.id = '" + device.id() + "'");

        Resealing.step(connection, rotated, all);

        assertThat(isUnderWay()).isFalse();
        KeyRecords.touch(connection, vault);
        execute("update walk set begun_at = begun_at - interval '1 day' where name = '" + Resealing.WALK + "'");
        execute("update token_key set last_used_at = last_used_at - interval '1 minute'");
        Resealing.step(connection, rotated, all);
        assertThat(isUnderWay()).as("the next one, to another end").isTrue();
        Resealing.step(connection, rotated, all);
        assertThat(isUnderWay()).as("after as many of those that came").isTrue();
    }

    private int number(String table) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select count(*) from " + table)) {
            row.next();
            return row.getInt(1);
        }
    }

    @Test
    void a_key_that_an_empty_database_was_never_filled_with_may_be_taken_away() throws SQLException {
        execute("truncate device, idempotency_record cascade");
        execute("delete from token_key");

        KeyRecords.check(connection, vault);

        TokenVault withoutNext = new TokenVault(keys.encryptionKey(), List.of(), keys.lookupKey(), null);
        assertThatCode(() -> KeyRecords.check(connection, withoutNext)).doesNotThrowAnyException();
        assertThatThrownBy(() -> KeyRecords.check(connection, withoutFormer))
                .hasMessageContaining(vault.sealingKeyId().toString());
    }

    @Test
    void the_former_key_is_needed_until_a_whole_walk_found_nothing_and_nobody_used_it_for_long() throws SQLException {
        synced();
        KeyRecords.check(connection, vault);
        KeyRecords.check(connection, rotated);
        assertThatThrownBy(() -> KeyRecords.check(connection, withoutFormer))
                .hasMessageContaining("registry.token.further-encryption-keys")
                .hasMessageContaining(vault.sealingKeyId().toString());

        letTimePass();
        walk();
        assertThatThrownBy(() -> KeyRecords.check(connection, withoutFormer)).hasMessageContaining("further");
        letTimePass();
        walk();

        assertThatCode(() -> KeyRecords.check(connection, withoutFormer)).doesNotThrowAnyException();
        KeyRecords.touch(connection, vault);
        assertThatThrownBy(() -> KeyRecords.check(connection, withoutFormer))
                .as("after somebody who was away for long came back with it")
                .hasMessageContaining("further");
    }

    @Test
    void what_is_left_under_each_key_is_told_until_it_is_needed_no_more() throws SQLException {
        Device device = synced();
        KeyRecords.check(connection, vault);
        EncryptionKey alone = key(KeyUse.of(connection, rotated), vault);
        execute("update device_sync s set former_token_ciphers = array[d.token_cipher, d.token_cipher]"
                + " from device d where d.id = s.device_id and d.id = '" + device.id() + "'");
        KeyRecords.check(connection, rotated);
        assertThat(KeyUse.of(connection, rotated))
                .as("while both are in use")
                .extracting(EncryptionKey::id)
                .containsExactlyInAnyOrder(
                        vault.sealingKeyId().toString(), rotated.sealingKeyId().toString());
        assertThat(KeyUse.of(connection, rotated)).allMatch(key -> key.state() == State.ACTIVE);
        letTimePass();

        EncryptionKey before = key(KeyUse.of(connection, rotated), vault);
        walk();
        EncryptionKey after = key(KeyUse.of(connection, rotated), vault);
        letTimePass();
        walk();
        EncryptionKey retired = key(KeyUse.of(connection, rotated), vault);

        assertThat(alone.devices()).isPositive();
        assertThat(before.state()).isEqualTo(State.DECRYPT_ONLY);
        assertThat(before.devices()).isEqualTo(alone.devices());
        assertThat(before.deviceSyncs()).as("one row, opened three times").isEqualTo(alone.deviceSyncs());
        assertThat(after.state()).isEqualTo(State.DECRYPT_ONLY);
        assertThat(after.devices() + after.deviceSyncs()).isZero();
        assertThat(retired.state()).isEqualTo(State.RETIRED);
        EncryptionKey next = key(KeyUse.of(connection, rotated), rotated);
        assertThat(next.state()).isEqualTo(State.ACTIVE);
        // Not how many: of what other tests left, holes above all, a part may be counted for all of it.
        assertThat(next.devices()).isPositive();
        assertThat(next.deviceSyncs()).isPositive();
    }

    private static EncryptionKey key(List<EncryptionKey> keys, TokenVault vault) {
        return keys.stream()
                .filter(key -> key.id().equals(vault.sealingKeyId().toString()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void of_a_large_table_a_part_is_counted_for_all_of_it() throws SQLException {
        Device device = synced();
        KeyRecords.check(connection, vault);
        // More pages than are read.
        execute(
                "insert into device (id, customer_id, token_hash, token_cipher, device_type, status, removal_reason, metadata)"
                        + " select gen_random_uuid(), d.customer_id, sha256(n::text::bytea), d.token_cipher, d.device_type,"
                        + " 'REMOVED', 'DEREGISTERED', to_jsonb(repeat('x', 500))"
                        + " from device d, generate_series(1, 30000) n where d.id = '" + device.id() + "'");

        long counted = key(KeyUse.of(connection, vault), vault).devices();

        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("select count(*), pg_relation_size('device') / 8192 from device")) {
            row.next();
            assertThat(row.getLong(2)).as("pages").isGreaterThan(2_000);
            assertThat(counted).isCloseTo(row.getLong(1), withinPercentage(10));
        }
    }

    @Test
    void a_key_that_somebody_still_encrypts_with_is_not_given_up() throws SQLException {
        KeyRecords.check(connection, vault);
        KeyRecords.check(connection, rotated);
        letTimePass();
        walk();
        letTimePass();
        KeyRecords.touch(connection, vault);

        walk();

        assertThatThrownBy(() -> KeyRecords.check(connection, withoutFormer)).hasMessageContaining("further");
    }

    @Test
    void a_key_that_only_others_know_is_not_given_up_and_one_of_damaged_tokens_is() throws SQLException {
        Device device = synced();
        KeyRecords.check(connection, vault);
        TokenVault stranger = new TokenVault(STRANGE_KEY, List.of(keys.encryptionKey()), keys.lookupKey(), null);
        KeyRecords.check(connection, stranger);
        try (PreparedStatement statement =
                connection.prepareStatement("update device set token_cipher = ? where id = ?")) {
            statement.setBytes(1, stranger.seal(device.token(), device.id()));
            statement.setObject(2, device.id().value());
            statement.executeUpdate();
        }
        letTimePass();
        walk();
        letTimePass();
        walk();
        assertThatThrownBy(() -> KeyRecords.check(connection, rotated))
                .hasMessageContaining(stranger.sealingKeyId().toString());

        execute("update device set token_cipher = '\\x00' where id = '" + device.id() + "'");
        letTimePass();
        walk();

        assertThat(ciphersOf(device).getFirst()).containsExactly(0);
        assertThatCode(() -> KeyRecords.check(connection, rotated)).doesNotThrowAnyException();
    }

    @Test
    void a_database_that_was_filled_before_keys_were_noted_takes_only_keys_that_fit() throws SQLException {
        synced();
        execute("delete from token_key");
        TokenVault otherLookup = new TokenVault(keys.encryptionKey(), List.of(), STRANGE_KEY, null);

        assertThatThrownBy(() -> KeyRecords.check(connection, withoutFormer)).hasMessageContaining("encryption-key");
        assertThatThrownBy(() -> KeyRecords.check(connection, otherLookup)).hasMessageContaining("lookup-key");
        KeyRecords.check(connection, rotated);

        assertThatThrownBy(() -> KeyRecords.check(connection, withoutFormer))
                .hasMessageContaining(vault.sealingKeyId().toString());
    }

    @Test
    void another_lookup_key_than_the_database_was_filled_with_is_refused() throws SQLException {
        KeyRecords.check(connection, vault);

        assertThatThrownBy(() -> KeyRecords.check(
                        connection, new TokenVault(keys.encryptionKey(), List.of(), STRANGE_KEY, null)))
                .hasMessageContaining("registry.token.lookup-key");
    }
}
