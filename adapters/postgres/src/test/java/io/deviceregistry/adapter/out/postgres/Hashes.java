package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.domain.DeviceToken;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.sql.DataSource;

/** Whether what is stored is found by the hashes that the vault makes. */
final class Hashes {
    private Hashes() {}

    /** @return the devices that are not, or have a second hash */
    static List<String> of(DataSource dataSource, TokenVault vault) throws SQLException {
        List<String> wrong = new ArrayList<>();
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "select d.*, (select key_id from token_lookup) as key from device d where token_hash is not null")) {
            while (row.next()) {
                DeviceToken token = vault.open(row.getBytes("token_cipher"), DeviceRow.id(row));
                if (!Arrays.equals(vault.hashes().of(token), row.getBytes("token_hash"))
                        || !Arrays.equals(vault.hashes().phase().key().bytes(), row.getBytes("key"))) {
                    wrong.add(row.getString("id"));
                }
            }
        }
        return wrong;
    }
}
