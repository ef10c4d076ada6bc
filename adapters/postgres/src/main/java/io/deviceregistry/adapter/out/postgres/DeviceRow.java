package io.deviceregistry.adapter.out.postgres;

import static java.util.Objects.requireNonNull;

import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.InvalidReason;
import io.deviceregistry.domain.RemovalReason;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A row of {@code device} in the result of a native query. */
final class DeviceRow {
    /** What {@link #read} reads, of the table {@code d}; the token's columns aside. */
    static final String COLUMNS = """
            d.id, d.customer_id, d.device_type, d.status, d.removal_reason, d.invalid_reason, d.version,
            d.metadata::text, d.registered_at, d.last_seen_at, d.as_of, d.status_since
            """;

    private DeviceRow() {}

    static DeviceId id(ResultSet row) throws SQLException {
        return new DeviceId(row.getObject("id", UUID.class));
    }

    static Device read(ResultSet row, DeviceToken token) throws SQLException {
        String removalReason = row.getString("removal_reason");
        String invalidReason = row.getString("invalid_reason");
        DeviceStatus status = DeviceStatus.valueOf(row.getString("status"));
        Instant lastSeenAt = time(row, "last_seen_at");
        return new Device(
                id(row),
                new CustomerId(row.getString("customer_id")),
                new DeviceType(row.getString("device_type")),
                token,
                status,
                removalReason == null ? null : RemovalReason.valueOf(removalReason),
                invalidReason(status, invalidReason),
                row.getLong("version"),
                MetadataJson.toDomain(row.getString("metadata")),
                time(row, "registered_at"),
                lastSeenAt,
                later(time(row, "as_of"), lastSeenAt),
                time(row, "status_since"));
    }

    /** The version before wrote neither this column nor {@code as_of}. */
    static @Nullable InvalidReason invalidReason(DeviceStatus status, @Nullable String stored) {
        if (status != DeviceStatus.INVALID) {
            return null;
        }
        return stored == null ? InvalidReason.REPORTED : new InvalidReason(stored);
    }

    static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    static @Nullable Caller callerOrNull(ResultSet row, String column) throws SQLException {
        String name = row.getString(column);
        return name == null ? null : new Caller(name);
    }

    static Instant time(ResultSet row, String column) throws SQLException {
        return requireNonNull(timeOrNull(row, column));
    }

    static @Nullable Instant timeOrNull(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
