package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.RemovalReason;
import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.annotations.Immutable;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/** A row of {@code device}, for reading: {@link RegistryChanges} writes. */
@Entity
@Immutable
@Table(name = "device")
@NullUnmarked
class DeviceEntity extends PanacheEntityBase {
    @Id
    UUID id;

    @Column(name = "customer_id")
    String customerId;

    @Column(name = "token_cipher")
    byte[] tokenCipher;

    @Column(name = "device_type")
    String deviceType;

    @Enumerated(EnumType.STRING)
    @JdbcTypeCode(SqlTypes.VARCHAR)
    DeviceStatus status;

    @Column(name = "removal_reason")
    @Enumerated(EnumType.STRING)
    @JdbcTypeCode(SqlTypes.VARCHAR)
    @Nullable RemovalReason removalReason;

    @Column(name = "invalid_reason")
    @Nullable String invalidReason;

    long version;

    @JdbcTypeCode(SqlTypes.JSON)
    String metadata;

    @Column(name = "registered_at")
    Instant registeredAt;

    @Column(name = "last_seen_at")
    Instant lastSeenAt;

    @Column(name = "as_of")
    Instant asOf;

    @Column(name = "status_since")
    Instant statusSince;

    @Column(name = "erasure_id")
    @Nullable UUID erasureId;

    static Optional<DeviceEntity> find(CustomerId customer, DeviceId device) {
        return find("id = ?1 and customerId = ?2 and erasureId is null", device.value(), customer.value())
                .firstResultOptional();
    }

    Device toDomain(TokenVault vault) {
        DeviceId deviceId = new DeviceId(id);
        return new Device(
                deviceId,
                new CustomerId(customerId),
                new DeviceType(deviceType),
                vault.open(tokenCipher, deviceId),
                status,
                removalReason,
                DeviceRow.invalidReason(status, invalidReason),
                version,
                MetadataJson.toDomain(metadata),
                registeredAt,
                lastSeenAt,
                DeviceRow.later(asOf, lastSeenAt),
                statusSince);
    }
}
