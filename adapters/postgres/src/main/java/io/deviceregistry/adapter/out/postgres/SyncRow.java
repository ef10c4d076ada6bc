package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.out.Holding;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceType;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Reads what other tables' rows are read with from {@code device_sync}. */
final class SyncRow {
    private SyncRow() {}

    /** What the provider is known to hold, by a row with these columns of device_sync. */
    static @Nullable Holding holding(DeviceId device, ResultSet row, TokenVault vault) throws SQLException {
        String heldType = row.getString("held_type");
        return heldType == null
                ? null
                : new Holding(
                        row.getString("remote_id"),
                        new DeviceType(heldType),
                        vault.open(row.getBytes("held_token_cipher"), device));
    }
}
