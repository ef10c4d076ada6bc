package io.deviceregistry.adapter.out.postgres;

import static io.deviceregistry.application.testing.Examples.CALLER;
import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aProvider;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.application.testing.Examples.rotationTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.application.port.out.Answer;
import io.deviceregistry.application.port.out.DeviceQuery;
import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.port.out.IdempotencyRecords.Kept;
import io.deviceregistry.application.port.out.IdempotentRequest;
import io.deviceregistry.application.port.out.LookupKey;
import io.deviceregistry.application.port.out.LookupKey.Phase;
import io.deviceregistry.application.port.out.LookupKeyRefusedException;
import io.deviceregistry.application.port.out.RequestKey;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.Precondition;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.Registration;
import io.deviceregistry.domain.RequestUnderWayException;
import io.deviceregistry.domain.Scope;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One lookup key takes the place of the other, as replicas see it that have keys of their own. */
@QuarkusTest
@TestProfile(LookupKeyProfile.class)
@WithTestResource(PostgresResource.class)
class LookupKeyRotationTest {
    private static final String STRANGE_KEY =
            Base64.getEncoder().encodeToString("a lookup key that is not wanted.".getBytes(StandardCharsets.US_ASCII));
    private static final RequestKey REQUEST = new RequestKey("caller", "operation", "key");
    private static final byte[] BODY = {1};
    private static final Duration DAY = Duration.ofDays(1);

    @Inject
    DataSource dataSource;

    @Inject
    TestDatabase database;

    @Inject
    ChangePartitions changePartitions;

    @Inject
    TokenKeys keys;

    private final ProviderId provider = aProvider();
    private final List<Replica> replicas = new ArrayList<>();
    private String current;
    private String next;

    /** Knows both, and wants the next one to take the place of the current one. */
    private Replica one;

    @BeforeEach
    void begin() {
        database.empty();
        execute("truncate token_lookup_known");
        // The tests have one database, and what one left in use is where the next one begins.
        current = keys.lookupKey();
        next = LookupKeyProfile.NEXT_KEY;
        Replica first = replica(current, next).started();
        finish(first);
        if (!first.rotation.state().id().equals(first.vault.lookupKeyId().toString())) {
            current = LookupKeyProfile.NEXT_KEY;
            next = keys.lookupKey();
        }
        one = replica(current, next).started();
    }

    @AfterEach
    void end() {
        finish(one);
        replicas.forEach(Replica::close);
    }

    private Replica replica(String lookupKey, @Nullable String nextLookupKey) {
        Replica replica = new Replica(dataSource, changePartitions, keys.encryptionKey(), lookupKey, nextLookupKey);
        replicas.add(replica);
        return replica;
    }

    private static void step(Replica replica) {
        replica.ports().upkeep().maintain(1_000);
    }

    private static void finish(Replica replica) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    step(replica);
                    return replica.rotation.state().phase() == Phase.SINGLE;
                });
        // Lets it know.
        step(replica);
    }

    private void execute(String sql) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<String> query(String sql) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            List<String> rows = new ArrayList<>();
            while (row.next()) {
                rows.add(row.getString(1));
            }
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private Registration register(Replica replica, CustomerId customer, DeviceToken token) {
        return Examples.register(replica.ports().devices(), customer, List.of(android(token)), Set.of(provider))
                .getFirst();
    }

    private Device rotate(Replica replica, Device device, DeviceToken token) {
        DeviceStore store = replica.ports().devices();
        return store.change(
                Examples.writing(Set.of(provider)),
                Scope.EMPTY.withDevice(device.id()).withTokens(device.customer(), List.of(token)),
                registry -> registry.change(
                        device.customer(), device.id(), Precondition.NONE, rotationTo(token), Examples.MANY));
    }

    private static List<Device> found(Replica replica, DeviceToken token) {
        return replica.ports()
                .devices()
                .devices(new DeviceQuery(
                        null, token, null, null, Set.of(DeviceStatus.values()), null, null, null, Examples.MANY))
                .items();
    }

    /** All that the catalogue says of the two tables. */
    private List<String> tables() {
        return query("""
                select regexp_replace(indexdef, 'public\\.', '', 'g') from pg_indexes
                 where tablename in ('device', 'token_release')
                union all
                select conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || convalidated
                  from pg_constraint where conrelid in ('device'::regclass, 'token_release'::regclass)
                union all
                select attrelid::regclass || ' ' || attname || ' ' || atttypid::regtype || ' ' || attnotnull
                  from pg_attribute
                 where attrelid in ('device'::regclass, 'token_release'::regclass) and attnum > 0 and not attisdropped
                 order by 1""");
    }

    @Test
    void what_was_stored_before_and_meanwhile_is_found_by_the_next_key_and_nothing_is_left_of_the_former()
            throws SQLException {
        List<String> tablesBefore = tables();
        CustomerId customer = aCustomer();
        DeviceToken before = aToken();
        DeviceToken meanwhile = aToken();
        Device first = register(one, customer, before).device();

        LookupKey begun = one.rotation.begin(Examples.CALLER);
        Device second = register(one, customer, meanwhile).device();
        LookupKey half = one.rotation.state();
        step(one);
        LookupKey filled = one.rotation.state();
        LookupKey again = one.rotation.begin(Examples.CALLER);
        finish(one);
        LookupKey done = one.rotation.begin(Examples.CALLER);

        assertThat(begun)
                .isEqualTo(new LookupKey(
                        one.vault.lookupKeyId().toString(),
                        one.vault.nextLookupKeyId().orElseThrow().toString(),
                        null,
                        Phase.BACK_FILL,
                        1,
                        0,
                        0,
                        begun.underWay()));
        assertThat(half.devicesLeft()).as("only what was there before").isOne();
        assertThat(filled.phase()).isEqualTo(Phase.SWITCH);
        assertThat(again).usingRecursiveComparison().ignoringFields("underWay").isEqualTo(filled);
        assertThat(done)
                .isEqualTo(new LookupKey(
                        one.vault.nextLookupKeyId().orElseThrow().toString(),
                        null,
                        null,
                        Phase.SINGLE,
                        0,
                        0,
                        0,
                        Duration.ZERO));
        assertThat(tables()).isEqualTo(tablesBefore);
        assertThat(Hashes.of(dataSource, one.vault)).isEmpty();
        Replica withNextAlone = replica(next, null).started();
        assertThat(found(withNextAlone, before)).containsExactly(first);
        assertThat(found(withNextAlone, meanwhile)).containsExactly(second);
        assertThat(register(withNextAlone, customer, before).device().id()).isEqualTo(first.id());
    }

    @Test
    void it_is_told_for_how_long_it_is_under_way_and_how_many_rows_each_process_hashed() {
        register(one, aCustomer(), aToken());
        register(one, aCustomer(), aToken());
        assertThat(one.rotation.state().underWay()).isZero();
        one.rotation.begin(Examples.CALLER);
        execute("update token_key set last_used_at = last_used_at - interval '5 hours' where purpose = 'LOOKUP'");
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        Metrics.addRegistry(meters);

        step(one);
        LookupKey seenByAnother = replica(next, current).started().rotation.state();

        assertThat(meters.get("registry.lookup.key.hashed").counter().count()).isEqualTo(2);
        Metrics.removeRegistry(meters);
        assertThat(seenByAnother.underWay()).isBetween(Duration.ofHours(5), Duration.ofHours(6));
        finish(one);
        assertThat(one.rotation.state().underWay()).isZero();
    }

    @Test
    void a_replica_that_has_not_heard_of_it_finds_what_there_is_and_changes_it() {
        CustomerId customer = aCustomer();
        DeviceToken token = aToken();
        Device device = register(one, customer, token).device();
        Replica searching = replica(current, next).started();
        Replica registering = replica(current, next).started();
        Replica changing = replica(current, next).started();
        Replica erasing = replica(current, next).started();
        one.rotation.begin(Examples.CALLER);
        Replica between = replica(current, next).started();

        // They believe that there is one key still, and the other that there are two.
        assertThat(register(registering, aCustomer(), aToken()).device().isActive())
                .isTrue();
        finish(one);

        assertThat(found(searching, token)).containsExactly(device);
        assertThat(register(registering, customer, token).device().id()).isEqualTo(device.id());
        assertThat(register(between, customer, token).device().id()).isEqualTo(device.id());
        DeviceToken other = aToken();
        Device rotated = rotate(changing, device, other);
        assertThat(found(between, other)).containsExactly(rotated);
        assertThat(found(between, token)).isEmpty();
        assertThat(erasing.ports().customers().erase(CALLER, customer)).isPresent();
        assertThat(found(one, other)).isEmpty();
    }

    @Test
    void what_one_replica_leaves_undone_another_one_does() throws SQLException {
        for (int i = 0; i < 10; i++) {
            register(one, aCustomer(), aToken());
        }
        one.rotation.begin(Examples.CALLER);
        one.ports().upkeep().maintain(3);
        assertThat(database.count("device where next_token_hash is null")).isEqualTo(7);
        // As one that is built while the process dies, or finds what there may not be.
        assertThatThrownBy(
                        () -> execute("create unique index concurrently device_next_token_held_once on device ((1))"))
                .isNotNull();

        Replica other = replica(next, current).started();
        other.ports().upkeep().maintain(3);
        LookupKey half = other.rotation.state();
        finish(other);

        assertThat(half.devicesLeft()).isEqualTo(4);
        assertThat(Hashes.of(dataSource, other.vault)).isEmpty();
        assertThat(query("select indexdef from pg_indexes where indexname = 'device_token_held_once'"))
                .singleElement()
                .asString()
                .contains("(token_hash)");
    }

    @Test
    void a_device_that_somebody_has_at_the_moment_is_come_back_to() throws SQLException {
        Device device = register(one, aCustomer(), aToken()).device();
        register(one, aCustomer(), aToken());
        one.rotation.begin(Examples.CALLER);
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("select 1 from device where id = '" + device.id() + "' for update");

            step(one);
            step(one);

            assertThat(one.rotation.state().devicesLeft()).isOne();
            connection.rollback();
            connection.setAutoCommit(true);
        }
        finish(one);
        assertThat(Hashes.of(dataSource, one.vault)).isEmpty();
    }

    @Test
    void whoever_reads_for_long_delays_the_switch_and_nobody_else() throws SQLException {
        DeviceToken token = aToken();
        CustomerId customer = aCustomer();
        Device device = register(one, customer, token).device();
        one.rotation.begin(Examples.CALLER);
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            // As any reader has it, and without what an index is not built beside.
            statement.execute("lock table device in access share mode");
            await().until(() -> {
                step(one);
                return database.count("pg_index where indexrelid = to_regclass('token_release_next') and indisvalid")
                        == 1;
            });

            for (int i = 0; i < 20; i++) {
                step(one);
                assertThat(register(one, customer, token).device().id()).isEqualTo(device.id());
            }

            assertThat(one.rotation.state().phase()).isEqualTo(Phase.SWITCH);
            connection.rollback();
            connection.setAutoCommit(true);
        }
        finish(one);
    }

    @Test
    void a_replica_starts_only_with_the_keys_that_the_phase_needs() {
        String currentName = one.vault.lookupKeyId().toString();
        String nextName = one.vault.nextLookupKeyId().orElseThrow().toString();
        register(one, aCustomer(), aToken());

        assertThatCode(() -> replica(current, null).started()).doesNotThrowAnyException();
        assertThatIllegalStateException()
                .isThrownBy(() -> replica(next, null).started())
                .withMessageContaining("registry.token.lookup-key is not the key that the database was filled with")
                .withMessageContaining("whose name is " + currentName + " and not " + nextName);
        execute("update token_lookup_known set last_seen_at = now() - interval '1 minute'");

        one.rotation.begin(Examples.CALLER);

        for (String alone : List.of(current, next)) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> replica(alone, null).started())
                    .withMessageContaining("The lookup key of the name " + currentName
                            + " is being replaced by the one of the name " + nextName + ", and of these "
                            + (alone.equals(current) ? nextName : currentName) + " is neither");
        }
        assertThatIllegalStateException()
                .isThrownBy(() -> replica(current, STRANGE_KEY).started())
                .withMessageContaining(nextName + " is neither");
        assertThatCode(() -> replica(next, current).started()).doesNotThrowAnyException();

        finish(one);

        assertThatCode(() -> replica(next, null).started()).doesNotThrowAnyException();
        assertThatCode(() -> replica(current, next).started()).doesNotThrowAnyException();
        assertThatIllegalStateException()
                .isThrownBy(() -> replica(current, null).started())
                .withMessageContaining("whose name is " + nextName + " and not " + currentName);
    }

    @Test
    void the_version_before_does_not_start_while_there_are_two_keys() {
        one.rotation.begin(Examples.CALLER);

        // It wants the only one that is not retired to be its own.
        assertThat(query("select encode(id, 'hex') from token_key where purpose = 'LOOKUP' and retired_at is null"))
                .hasSize(2);
        finish(one);
        assertThat(query("select encode(id, 'hex') from token_key where purpose = 'LOOKUP' and retired_at is null"))
                .containsExactly(one.vault.nextLookupKeyId().orElseThrow().toString());
    }

    @Test
    void whoever_writes_one_hash_only_is_stopped() {
        Device device = register(one, aCustomer(), aToken()).device();
        one.rotation.begin(Examples.CALLER);

        assertThatThrownBy(() -> execute("insert into device (id, customer_id, token_hash, token_cipher, device_type)"
                        + " values (gen_random_uuid(), '" + device.customer().value() + "', '\\x01', '\\x01', 'ios')"))
                .hasStackTraceContaining("device_has_both_hashes");
        assertThatThrownBy(() -> execute("insert into token_release (token_hash, provider, device_id)"
                        + " select '\\x01', provider, device_id from device_sync"))
                .hasStackTraceContaining("token_release_has_both_hashes");
    }

    /** As releases wrote devices that knew of one hash: whatever became of a device, and a new one. */
    private static final String STORED_BEFORE_PHASES = """
            insert into device (id, customer_id, token_hash, token_cipher, device_type, status, removal_reason,
                                invalid_reason, version, metadata, registered_at, last_seen_at, as_of, status_since)
            select %s, customer_id, %s, token_cipher, device_type, status, removal_reason, invalid_reason, version + 1,
                   metadata, registered_at, last_seen_at, as_of, status_since
              from device where id = '%s'
            on conflict (id) do update
              set token_hash = excluded.token_hash, token_cipher = excluded.token_cipher,
                  device_type = excluded.device_type, status = excluded.status,
                  removal_reason = excluded.removal_reason, invalid_reason = excluded.invalid_reason,
                  version = excluded.version, metadata = excluded.metadata, last_seen_at = excluded.last_seen_at,
                  as_of = excluded.as_of, status_since = excluded.status_since""";

    private static List<String> storedBeforePhases(Device device) {
        return List.of(
                STORED_BEFORE_PHASES.formatted("gen_random_uuid()", "sha256('another')", device.id()),
                STORED_BEFORE_PHASES.formatted("id", "sha256('rotated')", device.id()),
                STORED_BEFORE_PHASES.formatted("id", "token_hash", device.id()),
                "update device set token_hash = null where id = '" + device.id() + "'");
    }

    /** In a transaction that is undone; of a session as it was before there were phases, or of one of today. */
    private void tryOut(String sql, boolean knowsPhases) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            try {
                if (!knowsPhases) {
                    statement.execute("set local device_registry.knows_lookup_phases = ''");
                }
                assertThat(statement.executeUpdate(sql)).isOne();
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        }
    }

    private int guards() {
        return query("select tgname from pg_trigger where tgrelid = 'device'::regclass and not tgisinternal")
                        .size()
                + query("select proname from pg_proc where proname = 'refuse_writer_of_one_lookup_key'")
                        .size();
    }

    @Test
    void what_a_release_writes_that_knows_of_one_hash_lacks_the_other_and_is_not_stored() {
        Device before = register(one, aCustomer(), aToken()).device();
        one.rotation.begin(Examples.CALLER);
        Device meanwhile = register(one, aCustomer(), aToken()).device();

        // By the constraint alone, since the guard lets this session through.
        for (String sql : storedBeforePhases(meanwhile)) {
            assertThatThrownBy(() -> tryOut(sql, true)).as(sql).hasMessageContaining("device_has_both_hashes");
        }
        for (String sql : storedBeforePhases(before).subList(0, 3)) {
            assertThatThrownBy(() -> tryOut(sql, true)).as(sql).hasMessageContaining("device_has_both_hashes");
        }
    }

    @Test
    void a_release_that_does_not_know_of_phases_writes_no_device_until_a_day_after_the_switch() throws SQLException {
        // Of those that the tests before this one replaced.
        execute("update token_key set retired_at = retired_at - interval '2 days' where purpose = 'LOOKUP'");
        step(one);
        DeviceToken token = aToken();
        CustomerId customer = aCustomer();
        Device device = register(one, customer, token).device();
        assertThat(guards()).isZero();
        for (String sql : storedBeforePhases(device)) {
            assertThatCode(() -> tryOut(sql, false)).as(sql).doesNotThrowAnyException();
        }

        one.rotation.begin(Examples.CALLER);
        assertThat(guards()).isEqualTo(2);
        refusesOlderReleases(device);
        finish(one);
        step(one);
        refusesOlderReleases(device);
        assertThat(register(one, customer, token).device().id()).isEqualTo(device.id());

        execute("update token_key set retired_at = retired_at - interval '1 day' where purpose = 'LOOKUP'");
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("lock table device in access share mode");
            step(one);
            assertThat(guards()).as("while somebody reads").isEqualTo(2);
            connection.rollback();
            connection.setAutoCommit(true);
        }
        step(one);
        assertThat(guards()).isZero();
    }

    @Test
    void it_does_not_begin_in_a_session_that_could_write_no_device_then() throws SQLException {
        Replica untold;
        try (Connection connection = dataSource.getConnection()) {
            String url = connection.getMetaData().getURL();
            String user = connection.getMetaData().getUserName();
            // As if somebody had set another quarkus.datasource.jdbc.new-connection-sql.
            DataSource bare = (DataSource) Proxy.newProxyInstance(
                    getClass().getClassLoader(),
                    new Class<?>[] {DataSource.class},
                    (_, _, _) -> DriverManager.getConnection(url, user, ""));
            untold = new Replica(bare, changePartitions, keys.encryptionKey(), current, next);
        }
        replicas.add(untold);

        assertThatThrownBy(() -> untold.rotation.begin(Examples.CALLER))
                .isInstanceOf(LookupKeyRefusedException.class)
                .hasMessageContaining("quarkus.datasource.jdbc.new-connection-sql");
        assertThat(one.rotation.state().phase()).isEqualTo(Phase.SINGLE);
    }

    private void refusesOlderReleases(Device device) {
        for (String sql : storedBeforePhases(device)) {
            assertThatThrownBy(() -> tryOut(sql, false))
                    .as(sql)
                    .hasMessageContaining("does not know which lookup key is in use")
                    // Which such a release takes for the store being unavailable, and its callers for a reason to
                    // repeat.
                    .extracting(failure -> ((SQLException) failure).getSQLState())
                    .isEqualTo("55000");
        }
    }

    @Test
    void a_replica_that_runs_and_lacks_a_key_does_nothing_rather_than_something_wrong() {
        DeviceToken token = aToken();
        CustomerId customer = aCustomer();
        register(one, customer, token);
        Replica ignorant = replica(current, null).started();
        // As if it had been frozen when the others were asked.
        execute("update token_lookup_known set last_seen_at = now() - interval '1 minute'");
        one.rotation.begin(Examples.CALLER);

        assertThatThrownBy(() -> register(ignorant, aCustomer(), token))
                .isInstanceOf(StoreUnavailableException.class)
                .cause()
                .hasMessageContaining(one.vault.nextLookupKeyId().orElseThrow().toString());
        assertThatThrownBy(() -> found(ignorant, token)).isInstanceOf(StoreUnavailableException.class);
        assertThatThrownBy(() -> ignorant.ports().customers().erase(CALLER, customer))
                .isInstanceOf(StoreUnavailableException.class);
    }

    @Test
    void it_begins_only_where_all_that_run_know_the_next_key() {
        Replica ignorant = replica(current, null).started();

        assertThatThrownBy(() -> one.rotation.begin(Examples.CALLER))
                .isInstanceOf(LookupKeyRefusedException.class)
                .hasMessageContaining("does not know the key of the name "
                        + one.vault.nextLookupKeyId().orElseThrow());
        assertThatThrownBy(() -> ignorant.rotation.begin(Examples.CALLER))
                .isInstanceOf(LookupKeyRefusedException.class)
                .hasMessageContaining("registry.token.next-lookup-key");
        assertThat(one.rotation.state().phase()).isEqualTo(Phase.SINGLE);

        execute("update token_lookup_known set last_seen_at = now() - interval '1 minute'");
        // It runs still, and says so.
        step(ignorant);
        assertThatThrownBy(() -> one.rotation.begin(Examples.CALLER)).isInstanceOf(LookupKeyRefusedException.class);

        execute("update token_lookup_known set last_seen_at = now() - interval '1 minute'");
        assertThat(one.rotation.begin(Examples.CALLER).phase()).isEqualTo(Phase.BACK_FILL);
        Replica wantingAnother = replica(current, STRANGE_KEY);
        assertThatThrownBy(() -> wantingAnother.rotation.begin(Examples.CALLER))
                .isInstanceOf(LookupKeyRefusedException.class)
                .hasMessageContaining("Another lookup key");
    }

    @Test
    void a_token_that_cannot_be_opened_keeps_the_former_key_in_use() {
        Device lost = register(one, aCustomer(), aToken()).device();
        Device mixedUp = register(one, aCustomer(), aToken()).device();
        DeviceToken token = aToken();
        Device sound = register(one, aCustomer(), token).device();
        execute("update device set token_cipher = '\\x00' where id = '" + lost.id() + "'");
        execute("update device set token_hash = '\\x00' where id = '" + mixedUp.id() + "'");
        one.rotation.begin(Examples.CALLER);

        for (int i = 0; i < 5; i++) {
            step(one);
        }
        LookupKey stuck = one.rotation.state();
        execute("delete from device where id in ('" + lost.id() + "', '" + mixedUp.id() + "')");
        execute("update walk set begun_at = begun_at - interval '1 hour'");
        finish(one);

        assertThat(stuck.phase()).isEqualTo(Phase.BACK_FILL);
        assertThat(stuck.unreadable()).isEqualTo(2);
        assertThat(stuck.devicesLeft()).isEqualTo(2);
        assertThat(found(one, token)).containsExactly(sound);
    }

    @Test
    void notes_of_tokens_that_were_given_up_get_the_next_hash_or_go_if_no_provider_knows_the_token() {
        Device held = register(one, aCustomer(), aToken()).device();
        Device attempted = register(one, aCustomer(), aToken()).device();
        Device doubtful = register(one, aCustomer(), aToken()).device();
        Device untold = register(one, aCustomer(), aToken()).device();
        execute("update device_sync s set held_token_cipher = d.token_cipher, held_type = 'android' from device d"
                + " where d.id = s.device_id and d.id = '" + held.id() + "'");
        execute("update device_sync set uncertain = true where device_id in ('" + attempted.id() + "', '"
                + doubtful.id() + "')");
        for (Device device : List.of(held, attempted, doubtful, untold)) {
            rotate(one, device, aToken());
        }
        execute("update device_sync set former_token_ciphers = null where device_id = '" + doubtful.id() + "'");
        assertThat(database.count("token_release")).isEqualTo(4);

        one.rotation.begin(Examples.CALLER);
        step(one);
        step(one);

        LookupKey waiting = one.rotation.state();
        assertThat(waiting.phase()).isEqualTo(Phase.BACK_FILL);
        assertThat(waiting.notesLeft()).isOne();
        assertThat(query("select device_id from token_release where next_token_hash is null"))
                .containsExactly(doubtful.id().toString());
        execute("update device_sync set uncertain = false");
        finish(one);

        for (Device device : List.of(held, attempted)) {
            byte[] hash = one.vault.hashes().of(device.token());
            assertThat(database.count("token_release where device_id = '" + device.id() + "' and token_hash = '\\x"
                            + java.util.HexFormat.of().formatHex(hash) + "'"))
                    .isOne();
        }
        assertThat(database.count("token_release")).isEqualTo(2);
    }

    @Test
    void an_erasure_meanwhile_leaves_a_note_by_both_hashes_though_the_device_had_one() {
        CustomerId customer = aCustomer();
        Device device = register(one, customer, aToken()).device();
        execute("update device_sync s set held_token_cipher = d.token_cipher, held_type = 'android' from device d"
                + " where d.id = s.device_id and d.id = '" + device.id() + "'");
        one.rotation.begin(Examples.CALLER);

        one.ports().customers().erase(CALLER, customer);

        assertThat(database.count("token_release where next_token_hash is not null"))
                .isOne();
        assertThat(database.count("device where token_hash is null and next_token_hash is null"))
                .isOne();
    }

    private static Optional<Kept> repeated(Replica replica) {
        return replica.ports()
                .answers()
                .exclusively(REQUEST, slot -> slot.kept(BODY, DAY))
                .orElseThrow();
    }

    private static void keep(Replica replica) {
        assertThat(replica.ports().answers().exclusively(REQUEST, slot -> {
                    slot.keep(BODY, "answer");
                    return true;
                }))
                .contains(true);
    }

    @Test
    void a_request_that_was_answered_before_is_recognised_after_the_switch() {
        keep(one);
        Replica unaware = replica(current, next).started();
        one.rotation.begin(Examples.CALLER);
        finish(one);

        Kept kept = new Kept(true, "answer");
        assertThat(repeated(one)).contains(kept);
        assertThat(repeated(unaware)).contains(kept);
        assertThat(one.ports().answers().exclusively(REQUEST, slot -> slot.kept(new byte[] {2}, DAY)))
                .contains(Optional.of(new Kept(false, "answer")));

        String former = one.vault.lookupKeyId().toString();
        assertThat(one.rotation.state().formerId()).isEqualTo(former);
        assertThatIllegalStateException()
                .isThrownBy(() -> replica(next, null).started())
                .withMessageContaining("former lookup key, of the name " + former);

        execute("delete from idempotency_record");
        assertThat(one.rotation.state().formerId()).isNull();
        assertThatCode(() -> replica(next, null).started()).doesNotThrowAnyException();
    }

    @Test
    void an_answer_that_is_given_after_the_switch_is_recognised_by_who_knows_the_next_key_alone() {
        one.rotation.begin(Examples.CALLER);
        finish(one);
        keep(one);
        execute("update idempotency_record set created_at = created_at + interval '1 hour'");

        assertThat(repeated(replica(next, null).started())).contains(new Kept(true, "answer"));
    }

    @Test
    void while_a_request_is_answered_nobody_answers_it_again_by_another_key() {
        Replica withCurrentAlone = replica(current, null).started();

        Optional<Optional<Boolean>> answers = one.ports()
                .answers()
                .exclusively(REQUEST, _ -> withCurrentAlone.ports().answers().exclusively(REQUEST, _ -> true));

        assertThat(answers).contains(Optional.empty());
    }

    private Answer registerOnce(Replica replica, CustomerId customer) {
        DeviceRegistration device = android(aToken());
        return replica.ports()
                .devices()
                .changeOnce(
                        Examples.writing(Set.of(provider)),
                        Scope.EMPTY.withRegistrations(customer, List.of(device)),
                        new IdempotentRequest(REQUEST, BODY),
                        DAY,
                        registry -> registry.register(customer, device, Examples.MANY)
                                .device()
                                .id()
                                .toString());
    }

    @Test
    void a_registration_that_was_answered_before_is_recognised_after_the_switch() {
        CustomerId customer = aCustomer();
        Answer first = registerOnce(one, customer);
        Replica unaware = replica(current, next).started();
        one.rotation.begin(Examples.CALLER);
        Answer meanwhile = registerOnce(one, customer);
        finish(one);

        Answer again = new Answer(first.content(), true);
        assertThat(meanwhile).isEqualTo(again);
        assertThat(registerOnce(one, customer)).isEqualTo(again);
        assertThat(registerOnce(unaware, customer)).isEqualTo(again);
        assertThat(database.count("device")).isOne();
    }

    @Test
    void a_registration_after_the_switch_is_remembered_by_the_next_key_though_the_replica_had_not_heard_of_it() {
        CustomerId customer = aCustomer();
        Replica unaware = replica(current, next).started();
        one.rotation.begin(Examples.CALLER);
        finish(one);

        Answer first = registerOnce(unaware, customer);
        execute("update idempotency_record set created_at = created_at + interval '1 hour'");

        assertThat(first.repeated()).isFalse();
        assertThat(registerOnce(replica(next, null).started(), customer)).isEqualTo(new Answer(first.content(), true));
        assertThat(database.count("device")).isOne();
    }

    @Test
    void while_a_request_is_answered_nobody_registers_by_it_under_another_key() {
        CustomerId customer = aCustomer();
        Replica withCurrentAlone = replica(current, null).started();

        one.ports()
                .answers()
                .exclusively(
                        REQUEST,
                        _ -> assertThatExceptionOfType(RequestUnderWayException.class)
                                .isThrownBy(() -> registerOnce(withCurrentAlone, customer)));

        assertThat(database.count("device")).isZero();
    }
}
