package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.out.EncryptionKey;
import io.deviceregistry.application.port.out.Upkeep;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceType;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Small steps through what is old. Rows that somebody else has at this moment are left for later. */
@ApplicationScoped
class PostgresUpkeep implements Upkeep {
    private static final String STALE_WALK = "stale devices";

    /** Reads the next rows of the primary key; no index holds last_seen_at, so that refreshes stay cheap. */
    private static final String STALE = """
            with looked_at as materialized (
              select id, device_type, status, last_seen_at from device where id > ? order by id limit ?
            )
            select l.id,
                   l.status = 'ACTIVE' and l.last_seen_at < now() - a.micros * interval '1 microsecond' as stale
              from looked_at l
              left join unnest(?::text[], ?::bigint[]) a(device_type, micros) on a.device_type = l.device_type
             order by l.id""";

    private static final String PURGEABLE = """
            d.status = 'REMOVED' and d.erasure_id is null and d.status_since < now() - ? * interval '1 microsecond'
            and not exists (
              select from (select state from device_sync where device_id = d.id offset 0) s
               where s.state in ('PENDING', 'PARKED') offset 0)""";

    private static final String FIND_PURGEABLE = """
            select d.id, d.token_hash from device d where %s order by d.status_since limit ?""".formatted(PURGEABLE);

    /** What was found above, and is so still: asked so that no index of what is removed can begin the search anew. */
    private static final String PURGE = """
            delete from device where id in (
              select d.id from device d
               where d.id = any (?::uuid[]) and case when %s then true end
               order by d.id
                 for update skip locked)""".formatted(PURGEABLE);

    private static final String FORGET_ANSWERS = """
            delete from idempotency_record where key_hash in (
              select key_hash from idempotency_record where created_at < now() - ? * interval '1 microsecond'
               order by created_at limit ? for update skip locked)""";

    private final Transactions transactions;
    private final TokenVault vault;
    private final ChangePartitions changePartitions;
    private final PostgresLookupKeyRotation lookupKeyRotation;

    PostgresUpkeep(
            Transactions transactions,
            TokenVault vault,
            ChangePartitions changePartitions,
            PostgresLookupKeyRotation lookupKeyRotation) {
        this.transactions = transactions;
        this.vault = vault;
        this.changePartitions = changePartitions;
        this.lookupKeyRotation = lookupKeyRotation;
    }

    @Override
    public StaleDevices nextStaleDevices(Map<DeviceType, Duration> ages, Duration interval, int window) {
        return transactions.run(connection -> {
            Optional<Walk> walk = Walk.take(connection, STALE_WALK, interval);
            return walk.isPresent() ? step(connection, ages, walk.get(), window) : new StaleDevices(List.of(), false);
        });
    }

    private static StaleDevices step(Connection connection, Map<DeviceType, Duration> ages, Walk walk, int window)
            throws SQLException {
        List<DeviceId> stale = new ArrayList<>();
        int lookedAt = 0;
        UUID last = null;
        try (PreparedStatement statement = connection.prepareStatement(STALE)) {
            new Arguments(statement)
                    .uuid(walk.position())
                    .number(window)
                    .texts(ages.keySet(), DeviceType::value)
                    .micros(ages.values(), age -> age);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    lookedAt++;
                    last = row.getObject("id", UUID.class);
                    if (row.getBoolean("stale")) {
                        stale.add(DeviceRow.id(row));
                    }
                }
            }
        }
        boolean more = lookedAt == window;
        walk.moveTo(more ? last : null);
        return new StaleDevices(stale, more);
    }

    @Override
    public int purgeRemovedDevices(Duration retention, int limit) {
        return transactions.run(connection -> {
            PlansByIndex.set(connection);
            List<UUID> ids = new ArrayList<>();
            Set<Long> locks = new HashSet<>();
            try (PreparedStatement find = connection.prepareStatement(FIND_PURGEABLE)) {
                new Arguments(find).micros(retention).number(limit);
                try (ResultSet row = find.executeQuery()) {
                    while (row.next()) {
                        ids.add(row.getObject("id", UUID.class));
                        byte[] hash = row.getBytes("token_hash");
                        if (hash != null) {
                            locks.add(Locks.ofHash(hash));
                        }
                    }
                }
            }
            if (!ids.isEmpty()) {
                // A registration may be bringing one of them back; then it is no longer removed under the lock.
                Locks.takeOfTokens(connection, locks);
                try (PreparedStatement purge = connection.prepareStatement(PURGE)) {
                    new Arguments(purge).uuids(ids, id -> id).micros(retention);
                    purge.executeUpdate();
                }
            }
            return ids.size();
        });
    }

    @Override
    public int finishErasures(int limit) {
        int settled =
                transactions.run(connection -> new Erasures(connection, vault, changePartitions).countSettled(limit));
        List<Erasures.Completable> completable =
                transactions.run(connection -> new Erasures(connection, vault, changePartitions).completable(limit));
        // One at a time, so that locks of customers are never waited for while others are held.
        for (Erasures.Completable erasure : completable) {
            transactions.run(connection -> {
                new Erasures(connection, vault, changePartitions).complete(erasure);
                return null;
            });
        }
        return Math.max(settled, completable.size());
    }

    @Override
    public int forgetAnswers(Duration age, int limit) {
        return transactions.run(connection -> {
            PlansByIndex.set(connection);
            try (PreparedStatement statement = connection.prepareStatement(FORGET_ANSWERS)) {
                new Arguments(statement).micros(age).number(limit);
                return statement.executeUpdate();
            }
        });
    }

    @Override
    public int maintain(int window) {
        changePartitions.keep();
        int hashed = lookupKeyRotation.step(window);
        return hashed + transactions.run(connection -> Resealing.step(connection, vault, window));
    }

    @Override
    public List<EncryptionKey> encryptionKeys() {
        return transactions.run(connection -> KeyUse.of(connection, vault));
    }
}
