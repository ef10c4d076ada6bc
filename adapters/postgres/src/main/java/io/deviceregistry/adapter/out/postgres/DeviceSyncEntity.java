package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.ProviderSync;
import io.deviceregistry.domain.SyncReason;
import io.deviceregistry.domain.SyncState;
import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.hibernate.annotations.Immutable;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/** A row of {@code device_sync}, for reading: {@link RegistryChanges}, {@link SyncClaims} and {@link SyncSettlements} write. */
@Entity
@Immutable
@IdClass(DeviceSyncEntity.Key.class)
@Table(name = "device_sync")
@NullUnmarked
class DeviceSyncEntity extends PanacheEntityBase {
    @Id
    @Column(name = "device_id")
    UUID deviceId;

    @Id
    String provider;

    @Enumerated(EnumType.STRING)
    @JdbcTypeCode(SqlTypes.VARCHAR)
    SyncState state;

    @Column(name = "remote_id")
    @Nullable String remoteId;

    int attempts;

    @Column(name = "unconfirmed_attempts")
    int unconfirmedAttempts;

    @Enumerated(EnumType.STRING)
    @JdbcTypeCode(SqlTypes.VARCHAR)
    @Nullable SyncReason reason;

    @Column(name = "last_error")
    @Nullable String lastError;

    @Column(name = "due_at")
    @Nullable Instant dueAt;

    record Key(UUID deviceId, String provider) {}

    static List<DeviceSyncEntity> of(DeviceId device) {
        return list("deviceId = ?1 order by provider", device.value());
    }

    ProviderSync toDomain() {
        return new ProviderSync(
                new ProviderId(provider), state, remoteId, attempts, unconfirmedAttempts, reason, lastError, dueAt);
    }
}
