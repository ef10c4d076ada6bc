package io.deviceregistry.adapter.out.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A walk over all devices, in the order of their ids, that all processes share. It is held until the transaction ends. */
final class Walk {
    private static final UUID BEFORE_ALL = new UUID(0, 0);

    private static final String MAKE = "insert into walk (name) values (?) on conflict do nothing";

    private static final String TAKE = """
            select position, position is not null or begun_at <= now() - ? * interval '1 microsecond' as due
              from walk where name = ? for update skip locked""";

    private static final String MOVE = """
            update walk set position = ?, begun_at = case when position is null then now() else begun_at end
             where name = ?""";

    private static final String FIX_END = """
            update walk set until = (select id from device order by id desc limit 1)
             where name = ? and position is null""";

    private final Connection connection;
    private final String name;
    private final UUID position;

    private Walk(Connection connection, String name, UUID position) {
        this.connection = connection;
        this.name = name;
        this.position = position;
    }

    /** Does nothing if there is a walk of this name. */
    static void make(Connection connection, String name) throws SQLException {
        try (PreparedStatement make = connection.prepareStatement(MAKE)) {
            new Arguments(make).text(name);
            make.executeUpdate();
        }
    }

    /** The next one begins with the first device, and at once. */
    static void forget(Connection connection, String name) throws SQLException {
        try (PreparedStatement forget = connection.prepareStatement("delete from walk where name = ?")) {
            new Arguments(forget).text(name);
            forget.executeUpdate();
        }
    }

    /** Empty if somebody else holds it, or if it came to its end and the interval has not passed since its beginning. */
    static Optional<Walk> take(Connection connection, String name, Duration interval) throws SQLException {
        make(connection, name);
        try (PreparedStatement take = connection.prepareStatement(TAKE)) {
            new Arguments(take).micros(interval).text(name);
            try (ResultSet walk = take.executeQuery()) {
                if (!walk.next() || !walk.getBoolean("due")) {
                    return Optional.empty();
                }
                UUID position = walk.getObject("position", UUID.class);
                return Optional.of(new Walk(connection, name, position == null ? BEFORE_ALL : position));
            }
        }
    }

    /** The last id that was looked at, or one before all. */
    UUID position() {
        return position;
    }

    boolean isAtBeginning() {
        return position.equals(BEFORE_ALL);
    }

    /** At its beginning, notes the last device that there is in {@code until}, for it not to go beyond. */
    void fixEnd() throws SQLException {
        try (PreparedStatement fix = connection.prepareStatement(FIX_END)) {
            new Arguments(fix).text(name);
            fix.executeUpdate();
        }
    }

    /** @param last the last id that was looked at; null at the end */
    void moveTo(@Nullable UUID last) throws SQLException {
        try (PreparedStatement move = connection.prepareStatement(MOVE)) {
            new Arguments(move).uuid(last).text(name);
            move.executeUpdate();
        }
    }
}
