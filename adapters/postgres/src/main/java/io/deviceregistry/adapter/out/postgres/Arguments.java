package io.deviceregistry.adapter.out.postgres;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Sets a statement's arguments one after the other, each list as one array. */
final class Arguments {
    private final PreparedStatement statement;
    private int index;

    Arguments(PreparedStatement statement) {
        this.statement = statement;
    }

    Arguments text(@Nullable String value) throws SQLException {
        statement.setString(++index, value);
        return this;
    }

    Arguments bool(boolean value) throws SQLException {
        statement.setBoolean(++index, value);
        return this;
    }

    Arguments bytes(byte @Nullable [] value) throws SQLException {
        statement.setBytes(++index, value);
        return this;
    }

    Arguments uuid(@Nullable UUID value) throws SQLException {
        statement.setObject(++index, value);
        return this;
    }

    Arguments number(long value) throws SQLException {
        statement.setLong(++index, value);
        return this;
    }

    /** In microseconds, the database's own resolution. */
    Arguments micros(Duration value) throws SQLException {
        return number(inMicros(value));
    }

    private static long inMicros(Duration value) {
        return value.toNanos() / 1_000;
    }

    <T> Arguments texts(Collection<T> rows, Function<T, @Nullable String> value) throws SQLException {
        return array("text", rows, value);
    }

    <T> Arguments byteStrings(Collection<T> rows, Function<T, byte @Nullable []> value) throws SQLException {
        byte[] @Nullable [] values = new byte[rows.size()] @Nullable [];
        int i = 0;
        for (T row : rows) {
            values[i++] = value.apply(row);
        }
        statement.setArray(++index, statement.getConnection().createArrayOf("bytea", values));
        return this;
    }

    <T> Arguments uuids(Collection<T> rows, Function<T, UUID> value) throws SQLException {
        return array("uuid", rows, value);
    }

    <T> Arguments numbers(Collection<T> rows, Function<T, @Nullable Long> value) throws SQLException {
        return array("bigint", rows, value);
    }

    <T> Arguments micros(Collection<T> rows, Function<T, @Nullable Duration> value) throws SQLException {
        return numbers(rows, row -> {
            Duration duration = value.apply(row);
            return duration == null ? null : inMicros(duration);
        });
    }

    <T> Arguments booleans(Collection<T> rows, Function<T, Boolean> value) throws SQLException {
        return array("boolean", rows, value);
    }

    <T> Arguments times(Collection<T> rows, Function<T, Instant> value) throws SQLException {
        return array("timestamptz", rows, row -> value.apply(row).toString());
    }

    private <T> Arguments array(String type, Collection<T> rows, Function<T, ? extends @Nullable Object> value)
            throws SQLException {
        @Nullable Object[] values = new @Nullable Object[rows.size()];
        int i = 0;
        for (T row : rows) {
            values[i++] = value.apply(row);
        }
        statement.setArray(++index, statement.getConnection().createArrayOf(type, values));
        return this;
    }
}
