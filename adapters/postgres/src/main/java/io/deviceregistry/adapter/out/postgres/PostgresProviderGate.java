package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.out.ProviderGate;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.SyncReason;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/** The gate in {@code provider_gate}: one row per provider, whose lock makes replicas take turns. */
@ApplicationScoped
class PostgresProviderGate implements ProviderGate {

    /**
     * Microseconds between two requests at one request a minute: 60 s and 2 %. The surplus pays for the request that
     * begins a window and for sends that are a little late, so that no window of 60 s holds more than the limit: at n a
     * minute, floor((60 s + lateness) / (61.2 s / n)) + 1 is at most n for lateness up to a second.
     */
    private static final long MICROS_FOR_ONE_PER_MINUTE = 61_200_000;

    private static final String MAKE_ROW = "insert into provider_gate (provider) values (?) on conflict do nothing";

    /** The clock and not now(): the row's lock may have been waited for. */
    private static final String READ = """
            select greatest(0, extract(epoch from paused_until - clock_timestamp()) * 1000000)::bigint as paused_for,
                   greatest(0, extract(epoch from next_permit_at - clock_timestamp()) * 1000000)::bigint as permit_in
              from (select case when paused_until = '-infinity' then 'epoch' else paused_until end as paused_until,
                           case when next_permit_at = '-infinity' then 'epoch' else next_permit_at end as next_permit_at
                      from provider_gate where provider = ? for update) gate""";

    private static final String TAKE = """
            update provider_gate
               set next_permit_at = clock_timestamp() + ? * interval '1 microsecond'
             where provider = ?""";

    private static final String PAUSE = """
            update provider_gate
               set paused_until = now() + ? * interval '1 microsecond', pause_reason = ?
             where provider = ? and paused_until < now() + ? * interval '1 microsecond'""";

    private static final String PAUSED = """
            select (extract(epoch from paused_until - now()) * 1000000)::bigint as remaining, pause_reason
              from provider_gate where provider = ? and paused_until > now()""";

    private final Transactions transactions;

    PostgresProviderGate(Transactions transactions) {
        this.transactions = transactions;
    }

    @Override
    public Permit reserve(ProviderId provider, int requestsPerMinute, Duration patience) {
        return transactions.run(connection -> {
            makeRow(connection, provider);
            long permitIn;
            try (PreparedStatement statement = connection.prepareStatement(READ)) {
                statement.setString(1, provider.value());
                try (ResultSet gate = statement.executeQuery()) {
                    gate.next();
                    if (gate.getLong("paused_for") > 0) {
                        return new Permit.Closed(ofMicros(gate.getLong("paused_for")));
                    }
                    permitIn = requestsPerMinute == 0 ? 0 : gate.getLong("permit_in");
                }
            }
            if (permitIn > micros(patience)) {
                return new Permit.Closed(ofMicros(permitIn));
            }
            if (requestsPerMinute > 0) {
                take(connection, provider, permitIn + MICROS_FOR_ONE_PER_MINUTE / requestsPerMinute);
            }
            return new Permit.Granted(ofMicros(permitIn));
        });
    }

    private static void take(Connection connection, ProviderId provider, long nextIn) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(TAKE)) {
            statement.setLong(1, nextIn);
            statement.setString(2, provider.value());
            statement.executeUpdate();
        }
    }

    @Override
    public void pause(ProviderId provider, Duration duration, SyncReason reason) {
        transactions.run(connection -> {
            makeRow(connection, provider);
            try (PreparedStatement statement = connection.prepareStatement(PAUSE)) {
                statement.setLong(1, micros(duration));
                statement.setString(2, reason.name());
                statement.setString(3, provider.value());
                statement.setLong(4, micros(duration));
                return statement.executeUpdate();
            }
        });
    }

    @Override
    public Optional<Pause> pauseOf(ProviderId provider) {
        return transactions.run(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(PAUSED)) {
                statement.setString(1, provider.value());
                try (ResultSet gate = statement.executeQuery()) {
                    return gate.next()
                            ? Optional.of(new Pause(
                                    ofMicros(gate.getLong("remaining")),
                                    SyncReason.valueOf(gate.getString("pause_reason"))))
                            : Optional.empty();
                }
            }
        });
    }

    private static void makeRow(Connection connection, ProviderId provider) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(MAKE_ROW)) {
            statement.setString(1, provider.value());
            statement.executeUpdate();
        }
    }

    private static long micros(Duration duration) {
        return duration.toNanos() / 1_000;
    }

    private static Duration ofMicros(long micros) {
        return Duration.ofNanos(micros * 1_000);
    }
}
