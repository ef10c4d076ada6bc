package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.domain.DeviceStatus;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Set;

/** About how many devices there are. */
final class DeviceEstimate {
    /** All of a small table. Of a large one a part, whose pages lie all over it, so that the time does not grow with it. */
    private static final String ESTIMATE = """
            select coalesce(round(count(*) * 100 / max(s.share)), 0)
              from %s
                   cross join lateral (
                     select from device d tablesample system (s.share)
                      where d.status = any (?) and d.erasure_id is null) looked_at""".formatted(PageSample.share("device", "?"));

    private DeviceEstimate() {}

    /** @param pages up to so many are looked at */
    static long of(Connection connection, Set<DeviceStatus> statuses, int pages) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(ESTIMATE)) {
            new Arguments(statement).number(pages).texts(statuses, DeviceStatus::name);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }
}
