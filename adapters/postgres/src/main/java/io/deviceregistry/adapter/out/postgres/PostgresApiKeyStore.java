package io.deviceregistry.adapter.out.postgres;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import io.deviceregistry.application.port.out.ApiKeyStore;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.domain.AccessScope;
import io.deviceregistry.domain.ApiKey;
import io.deviceregistry.domain.ApiKeyGrant;
import io.deviceregistry.domain.ApiKeyId;
import io.deviceregistry.domain.ApiKeySecret;
import io.deviceregistry.domain.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Keys in {@code api_key}. */
@ApplicationScoped
class PostgresApiKeyStore implements ApiKeyStore {
    private static final String COLUMNS =
            "k.id, k.caller, k.scopes, k.expires_at, k.hint, k.issued_by, k.issued_at, k.last_used_at, k.revoked_by, "
                    + "k.revoked_at";

    private static final String ADD = """
            insert into api_key as k (id, secret_hash, hint, caller, scopes, expires_at, issued_by)
            values (?, ?, ?, ?, ?, ?::timestamptz, ?)
            returning %s""".formatted(COLUMNS);

    private static final String USE = """
            select %s, k.last_used_at is null or k.last_used_at < now() - interval '1 minute' as to_be_noted
              from api_key k
             where k.secret_hash = ? and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())""".formatted(COLUMNS);

    /** Whoever is noting it at this moment notes the same. */
    private static final String NOTE_USE = """
            update api_key as k set last_used_at = now()
             where id = (select id from api_key where id = ? and revoked_at is null for update skip locked)
            returning %s""".formatted(COLUMNS);

    private static final String FIND = "select %s from api_key k where k.id = ?".formatted(COLUMNS);

    private static final String LIST = """
            select %s from api_key k where k.id > ? order by k.id limit ?""".formatted(COLUMNS);

    private static final String REVOKE = """
            update api_key set revoked_at = coalesce(revoked_at, now()), revoked_by = coalesce(revoked_by, ?)
             where id = ?""";

    private static final UUID FIRST = new UUID(0, 0);

    private final Transactions transactions;
    private final TimeBasedEpochGenerator ids = Generators.timeBasedEpochGenerator();

    PostgresApiKeyStore(Transactions transactions) {
        this.transactions = transactions;
    }

    @Override
    public ApiKey add(ApiKeySecret secret, ApiKeyGrant grant, Caller by) {
        return transactions.run(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(ADD)) {
                new Arguments(statement)
                        .uuid(ids.generate())
                        .bytes(secret.hash())
                        .text(secret.hint())
                        .text(grant.caller().name())
                        .texts(grant.scopes(), AccessScope::word)
                        .text(
                                grant.expiresAt() == null
                                        ? null
                                        : grant.expiresAt().toString())
                        .text(by.name());
                return only(statement).orElseThrow();
            }
        });
    }

    @Override
    public Optional<ApiKey> use(ApiKeySecret secret) {
        return transactions.run(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(USE)) {
                new Arguments(statement).bytes(secret.hash());
                try (ResultSet row = statement.executeQuery()) {
                    if (!row.next()) {
                        return Optional.empty();
                    }
                    Optional<ApiKey> key = read(row);
                    return key.isPresent() && row.getBoolean("to_be_noted") ? noteUse(connection, key.get()) : key;
                }
            }
        });
    }

    private static Optional<ApiKey> noteUse(Connection connection, ApiKey key) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(NOTE_USE)) {
            new Arguments(statement).uuid(key.id().value());
            return only(statement).or(() -> Optional.of(key));
        }
    }

    @Override
    public Optional<ApiKey> key(ApiKeyId key) {
        return transactions.run(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(FIND)) {
                new Arguments(statement).uuid(key.value());
                return only(statement);
            }
        });
    }

    @Override
    public Page<ApiKey, ApiKeyId> keys(@Nullable ApiKeyId after, int limit) {
        return transactions.run(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(LIST)) {
                new Arguments(statement)
                        .uuid(after == null ? FIRST : after.value())
                        .number(limit + 1L);
                List<ApiKey> found = new ArrayList<>();
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        read(row).ifPresent(found::add);
                    }
                }
                return Page.of(found, limit, ApiKey::id);
            }
        });
    }

    @Override
    public boolean revoke(ApiKeyId key, Caller by) {
        return transactions.run(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(REVOKE)) {
                new Arguments(statement).text(by.name()).uuid(key.value());
                return statement.executeUpdate() > 0;
            }
        });
    }

    private static Optional<ApiKey> only(PreparedStatement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery()) {
            return row.next() ? read(row) : Optional.empty();
        }
    }

    /** A scope that a later version added is none to this one; empty if no other is left. */
    private static Optional<ApiKey> read(ResultSet row) throws SQLException {
        Set<AccessScope> scopes = Stream.of((String[]) row.getArray("scopes").getArray())
                .flatMap(word -> Stream.of(AccessScope.values())
                        .filter(scope -> scope.word().equals(word)))
                .collect(Collectors.toSet());
        String revokedBy = row.getString("revoked_by");
        return scopes.isEmpty()
                ? Optional.empty()
                : Optional.of(new ApiKey(
                        new ApiKeyId(row.getObject("id", UUID.class)),
                        new ApiKeyGrant(
                                new Caller(row.getString("caller")), scopes, DeviceRow.timeOrNull(row, "expires_at")),
                        row.getString("hint"),
                        new Caller(row.getString("issued_by")),
                        DeviceRow.time(row, "issued_at"),
                        DeviceRow.timeOrNull(row, "last_used_at"),
                        revokedBy == null ? null : new Caller(revokedBy),
                        DeviceRow.timeOrNull(row, "revoked_at")));
    }
}
