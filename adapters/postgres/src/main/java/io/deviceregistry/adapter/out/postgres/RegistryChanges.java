package io.deviceregistry.adapter.out.postgres;

import static java.util.Objects.requireNonNull;

import io.deviceregistry.adapter.out.postgres.IdempotencyRecord.Answered;
import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.port.out.Writing;
import io.deviceregistry.domain.Customer;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.Profile;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.Registry;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Stores what a change made, with what it makes due at the providers and what its request was answered, in one round trip to
 * the database.
 */
final class RegistryChanges {
    /**
     * Rows are locked in the order that every transaction keeps: customers, devices, device_sync by device id. The
     * devices are written in the order in which the change lists them, so that a token is given up before it is taken.
     *
     * <p>A token that was given up is noted for every provider that may know the device by it, once the device's rows in
     * device_sync are locked: a settlement that is under way deletes the notes there are.
     */
    private static final String STORE_WITH = """
            with changed as materialized (
              select * from unnest(
                       ?::uuid[], ?::text[], ?::bytea[], ?::bytea[], ?::text[], ?::text[], ?::text[], ?::text[],
                       ?::bigint[], ?::text[], ?::timestamptz[], ?::timestamptz[], ?::timestamptz[], ?::timestamptz[],
                       ?::boolean[], ?::bytea[], ?::text[], ?::text[], ?::boolean[], ?::text[]%1$s) with ordinality
                  as c(id, customer_id, token_hash, token_cipher, device_type, status, removal_reason, invalid_reason,
                       version, metadata, registered_at, last_seen_at, as_of, status_since, due, given_up, kind,
                       caller, backlog, traceparent%2$s, n)
              %7$s
            ), customers as (
              insert into customer (id, email, first_name, last_name, phone_no, created_at, updated_at, updated_by)
              select * from unnest(
                       ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::timestamptz[], ?::timestamptz[],
                       ?::text[])
              %7$s
               order by 1
              on conflict (id) do update
                set email = excluded.email, first_name = excluded.first_name, last_name = excluded.last_name,
                    phone_no = excluded.phone_no, created_at = excluded.created_at,
                    updated_at = excluded.updated_at, updated_by = excluded.updated_by, erased = false
              returning 1
            ), devices as (
              insert into device (id, customer_id, token_hash, token_cipher, device_type, status, removal_reason,
                                  invalid_reason, version, metadata, registered_at, last_seen_at, as_of, status_since%3$s)
              select c.id, c.customer_id, c.token_hash, c.token_cipher, c.device_type, c.status, c.removal_reason,
                     c.invalid_reason, c.version, c.metadata::jsonb, c.registered_at, c.last_seen_at, c.as_of,
                     c.status_since%4$s
                from changed c, (select count(*) from customers) customers_first
               order by c.n
              on conflict (id) do update
                set token_hash = excluded.token_hash, token_cipher = excluded.token_cipher,
                    device_type = excluded.device_type, status = excluded.status,
                    removal_reason = excluded.removal_reason, invalid_reason = excluded.invalid_reason,
                    version = excluded.version, metadata = excluded.metadata, last_seen_at = excluded.last_seen_at,
                    as_of = excluded.as_of, status_since = excluded.status_since%5$s
              returning 1
            ), noted as (
              insert into device_change (generation, device_id, customer_id, kind, version, caller)
              select (select max(generation) from change_generation), c.id, c.customer_id, c.kind, c.version, c.caller
                from changed c
               where c.kind is not null
               order by c.n
            ), due as (
              insert into device_sync as s (device_id, provider, customer_id, desired_version, backlog, traceparent)
              select c.id, p, c.customer_id, c.version, c.backlog, c.traceparent
                from changed c, unnest(?::text[]) p, (select count(*) from devices) devices_first
               where c.due
               order by c.id, p
              on conflict (device_id, provider) do update
                set desired_version = excluded.desired_version, state = 'PENDING', reason = null,
                    traceparent = excluded.traceparent,
                    backlog = excluded.backlog and (s.backlog or s.state <> 'PENDING'),
                    pending_since = case when s.state = 'PENDING' then s.pending_since else now() end,
                    due_at = case when s.state = 'PENDING' then s.due_at else now() end
              returning 1
            )
            insert into token_release (token_hash, provider, device_id%3$s)
            select c.given_up, s.provider, s.device_id%6$s
              from changed c join device_sync s on s.device_id = c.id, (select count(*) from due) due_first
             where c.given_up is not null
            on conflict do nothing""";

    private static final String STORE = storeIf("");

    /** In a phase of two lookup keys. */
    private static final String STORE_WITH_NEXT_HASHES = STORE_WITH.formatted(
            ", ?::bytea[], ?::bytea[]",
            ", next_token_hash, next_given_up",
            ", next_token_hash",
            ", c.next_token_hash",
            ", next_token_hash = excluded.next_token_hash",
            ", c.next_given_up",
            "");

    /**
     * Of devices whose rows in device_sync are locked. The token that an attempt sends, or sent, with an unknown outcome is
     * the one by which the provider may know the device.
     */
    private static final String KEEP_TOKENS_IN_DOUBT = """
            update device_sync s
               set former_token_ciphers = array_append(s.former_token_ciphers, doubted.cipher)
              from (select told.device_id, told.provider, g.cipher
                      from unnest(?::uuid[], ?::bytea[]) g(device_id, cipher)
                     cross join lateral (
                           select device_id, provider, lease is not null or uncertain as in_doubt
                             from device_sync where device_id = g.device_id offset 0) told
                     where told.provider = any (?::text[]) and told.in_doubt) doubted
             where s.device_id = doubted.device_id and s.provider = doubted.provider""";

    /**
     * Of customers with a profile all rows of device_sync are locked, for one may be parking at this moment; a settlement
     * looks at the profile after it has parked any. They are locked together with those of the changed devices, and
     * first, because the order of device ids holds for all of them.
     */
    private static final String LOCK_SYNC = """
            select 1 from device_sync s
             where s.device_id in (select d.id from device d where d.customer_id = any (?::text[])
                                   union select unnest(?::uuid[]))
             order by s.device_id, s.provider
               for update""";

    /**
     * Lets what waits for a customer to be known be tried again, now that there is something to make the customer known
     * by. Its state is asked so that no index of what is not synced can begin the search.
     */
    private static final String RELEASE_UNKNOWN = """
            update device_sync s
               set state = 'PENDING', reason = null, failures = 0, strikes = 0, backlog = false, due_at = now(),
                   pending_since = now()
              from (select id from device where customer_id = any (?::text[]) offset 0) d
             where s.device_id = d.id
               and case s.state when 'PARKED' then s.reason = 'CUSTOMER_UNKNOWN' and s.lease is null end""";

    /**
     * Takes from the backlog what somebody waits for now: the devices with a token that was registered just now, of whom
     * some may have to be told of before it. A row that another transaction has at this moment is being worked on; to
     * wait for it could be to wait in a circle, for these rows come after others that are locked. Where nothing is in the
     * backlog of any provider nothing is looked for; where all of an import is, no index of that may begin the search, and
     * so its state is not asked by itself.
     */
    private static final String LIFT = """
            update device_sync s
               set backlog = false
              from (select found.device_id, found.provider
                      from unnest(?::bytea[]) w(token_hash)
                     cross join lateral (
                           (select d.id from device d
                             where d.token_hash = w.token_hash and d.status = 'ACTIVE' limit 1)
                           union all
                           (select d.id from device d where d.token_hash = w.token_hash and d.status <> 'ACTIVE')
                           union all
                           (select r.device_id from token_release r where r.token_hash = w.token_hash)) concerned
                     cross join lateral (
                           select b.device_id, b.provider from device_sync b
                            where b.device_id = concerned.id and case b.state when 'PENDING' then b.backlog end
                              for update skip locked) found
                     where exists (
                           select from unnest(?::text[]) p(provider)
                            cross join lateral (
                                  select from device_sync q
                                   where q.provider = p.provider and q.backlog and q.due_at is not null limit 1) queued)
                   ) waiting
             where s.device_id = waiting.device_id and s.provider = waiting.provider""";

    private static final String GIVE_UP_TOKENS = "update device set token_hash = null where id = any (?::uuid[])";

    private static final String GIVE_UP_TOKENS_WITH_NEXT_HASHES =
            "update device set token_hash = null, next_token_hash = null where id = any (?::uuid[])";

    private RegistryChanges() {}

    /**
     * What was changed in one part of the registry, and on whose behalf.
     *
     * @param answer what the footprint's record is to remember; null if it has none
     */
    record Part(
            Registry registry,
            Footprint footprint,
            Writing writing,
            @Nullable String answer) {
        Part(Registry registry, Footprint footprint, Writing writing) {
            this(registry, footprint, writing, null);
        }

        @Override
        public String toString() {
            return "changes of " + writing.by();
        }

        private Stream<Answered> answered() {
            return answer == null
                    ? Stream.empty()
                    : Stream.of(new Answered(requireNonNull(footprint.record()), answer));
        }
    }

    private record Row(Registry.Change change, Part part) {
        Device device() {
            return change.after();
        }

        byte @Nullable [] hash() {
            return device().hasToken() ? part.footprint().hashOf(device().token()) : null;
        }

        byte @Nullable [] nextHash() {
            return device().hasToken() ? part.footprint().made().next(device().token()) : null;
        }

        byte @Nullable [] hashGivenUp() {
            return change.tokenGivenUp().map(part.footprint()::hashOf).orElse(null);
        }

        byte @Nullable [] nextHashGivenUp() {
            return change.tokenGivenUp().map(part.footprint().made()::next).orElse(null);
        }
    }

    /**
     * In one round trip, if anything was changed, is to be remembered, or has to be looked for in the backlog.
     *
     * @param parts no two of which concern the same customer, token or device; told to the same providers, and loaded in the
     *     same phase
     */
    static void store(Connection connection, List<Part> parts, TokenVault vault) throws SQLException {
        statements(parts, vault).run(connection, "");
    }

    /** As {@link #store}; the transaction is committed then, unless there was nothing to do. */
    static void storeAndCommit(Connection connection, List<Part> parts, TokenVault vault) throws SQLException {
        statements(parts, vault).run(connection, Transactions.AND_COMMIT);
    }

    /** @param condition from {@code where} on, without which nothing is stored; none if it is empty */
    static String storeIf(String condition) {
        return STORE_WITH.formatted("", "", "", "", "", "", condition);
    }

    /**
     * Sets the arguments of what {@link #storeIf} made, which is all that is to be done where nothing was there before: no
     * token is given up, nothing waits for a profile or in the backlog, and there is one lookup key.
     */
    static void arguments(Arguments arguments, Part part, TokenVault vault) throws SQLException {
        List<Row> rows = part.registry().changedDevices().stream()
                .map(change -> new Row(change, part))
                .toList();
        changes(
                arguments,
                rows,
                part.registry().changedCustomers(),
                part.writing().providers(),
                false,
                vault);
    }

    private static RoundTrip statements(List<Part> parts, TokenVault vault) {
        List<Row> rows = new ArrayList<>();
        List<Customer> customers = new ArrayList<>();
        Set<ProviderId> providers = new HashSet<>();
        for (Part part : parts) {
            part.registry().changedDevices().forEach(change -> rows.add(new Row(change, part)));
            customers.addAll(part.registry().changedCustomers());
            providers.addAll(part.writing().providers());
        }
        RoundTrip statements = new RoundTrip();
        if (!rows.isEmpty() || !customers.isEmpty()) {
            addChanges(statements, rows, customers, providers, vault);
        }
        List<byte[]> sought = soughtInBacklog(parts);
        if (!sought.isEmpty()) {
            statements.add(
                    LIFT,
                    arguments -> arguments.byteStrings(sought, hash -> hash).texts(providers, ProviderId::value));
        }
        List<Answered> answers = parts.stream().flatMap(Part::answered).toList();
        if (!answers.isEmpty()) {
            IdempotencyRecord.keep(statements, answers, vault);
        }
        return statements;
    }

    /** The hashes of tokens that were registered just now, and with which there were devices before. */
    private static List<byte[]> soughtInBacklog(List<Part> parts) {
        return parts.stream()
                .filter(part -> part.writing().lane() == SyncLane.FRESH
                        && part.registry().knowsDevices())
                .flatMap(part -> part.footprint().hashes().values().stream())
                .toList();
    }

    private static void addChanges(
            RoundTrip statements,
            List<Row> rows,
            List<Customer> customers,
            Set<ProviderId> providers,
            TokenVault vault) {
        List<Registry.Change> changes = rows.stream().map(Row::change).toList();
        boolean twoHashes = rows.stream()
                .anyMatch(row -> row.part().footprint().made().phase().isOfTwoKeys());
        List<Device> givers = givers(changes);
        // Before any is taken: in no order could two devices take each other's. One alone takes none that another
        // gives.
        if (changes.size() > 1 && !givers.isEmpty()) {
            statements.add(
                    twoHashes ? GIVE_UP_TOKENS_WITH_NEXT_HASHES : GIVE_UP_TOKENS,
                    arguments -> arguments.uuids(givers, device -> device.id().value()));
        }
        List<Device> devices = rows.stream().map(Row::device).toList();
        List<Customer> described = customers.stream()
                .filter(customer -> !customer.profile().equals(Profile.NONE))
                .toList();
        if (!described.isEmpty()) {
            statements.add(
                    LOCK_SYNC,
                    arguments -> arguments
                            .texts(described, customer -> customer.id().value())
                            .uuids(devices, device -> device.id().value()));
        }
        statements.add(
                twoHashes ? STORE_WITH_NEXT_HASHES : STORE,
                arguments -> changes(arguments, rows, customers, providers, twoHashes, vault));
        List<Registry.Change> rotations = rotations(changes);
        if (!rotations.isEmpty()) {
            statements.add(
                    KEEP_TOKENS_IN_DOUBT,
                    arguments -> arguments
                            .uuids(rotations, change -> change.after().id().value())
                            .byteStrings(
                                    rotations,
                                    change -> vault.seal(
                                            change.tokenGivenUp().orElseThrow(),
                                            change.after().id()))
                            .texts(providers, ProviderId::value));
        }
        if (!described.isEmpty()) {
            statements.add(
                    RELEASE_UNKNOWN,
                    arguments ->
                            arguments.texts(described, customer -> customer.id().value()));
        }
    }

    private static void changes(
            Arguments arguments,
            List<Row> rows,
            List<Customer> customers,
            Set<ProviderId> providers,
            boolean twoHashes,
            TokenVault vault)
            throws SQLException {
        List<Registry.Change> changes = rows.stream().map(Row::change).toList();
        List<Device> devices = rows.stream().map(Row::device).toList();
        arguments
                .uuids(devices, device -> device.id().value())
                .texts(devices, device -> device.customer().value())
                .byteStrings(rows, row -> row.hash())
                // Sealed anew for the row it goes to: a ciphertext is worth nothing in another one.
                .byteStrings(devices, device -> vault.seal(device.token(), device.id()))
                .texts(devices, device -> device.type().value())
                .texts(devices, device -> device.status().name())
                .texts(devices, device -> name(device.removalReason()))
                .texts(
                        devices,
                        device -> device.invalidReason() == null
                                ? null
                                : device.invalidReason().value())
                .numbers(devices, Device::version)
                .texts(devices, device -> MetadataJson.from(device.metadata()))
                .times(devices, Device::registeredAt)
                .times(devices, Device::lastSeenAt)
                .times(devices, Device::asOf)
                .times(devices, Device::statusSince)
                .booleans(changes, Registry.Change::concernsProviders)
                .byteStrings(rows, row -> row.hashGivenUp())
                .texts(changes, change -> name(change.kind().orElse(null)))
                .texts(rows, row -> row.part().writing().by().name())
                .booleans(rows, row -> row.part().writing().lane() == SyncLane.BACKLOG)
                .texts(rows, row -> row.part().writing().origin());
        if (twoHashes) {
            arguments.byteStrings(rows, Row::nextHash).byteStrings(rows, Row::nextHashGivenUp);
        }
        arguments
                .texts(customers, customer -> customer.id().value())
                .texts(customers, customer -> customer.profile().email())
                .texts(customers, customer -> customer.profile().firstName())
                .texts(customers, customer -> customer.profile().lastName())
                .texts(customers, customer -> customer.profile().phoneNumber())
                .times(customers, Customer::createdAt)
                .times(customers, Customer::updatedAt)
                .texts(
                        customers,
                        customer -> customer.updatedBy() == null
                                ? null
                                : customer.updatedBy().name())
                .texts(providers, ProviderId::value);
    }

    /** Of devices that a provider may know by the token before. */
    private static List<Registry.Change> rotations(List<Registry.Change> changes) {
        return changes.stream()
                .filter(change -> change.concernsProviders() && change.after().hasToken())
                .filter(change -> change.tokenGivenUp().isPresent())
                .toList();
    }

    private static List<Device> givers(List<Registry.Change> changes) {
        return changes.stream()
                .filter(change -> change.tokenGivenUp().isPresent())
                .map(Registry.Change::after)
                .toList();
    }

    private static @Nullable String name(@Nullable Enum<?> constant) {
        return constant == null ? null : constant.name();
    }
}
