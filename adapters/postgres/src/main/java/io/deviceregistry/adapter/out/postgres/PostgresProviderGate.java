package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.out.ProviderGate;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.ProviderId;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The gate in {@code provider_gate}: one row per provider, whose lock makes replicas take turns. */
@ApplicationScoped
class PostgresProviderGate implements ProviderGate {

    /**
     * Microseconds between two requests at one request a minute: 60 s and 2 %. The surplus pays for the request that
     * begins a window and for sends that are a little late, so that no window of 60 s holds more than the limit: at n a
     * minute, floor((60 s + lateness) / (61.2 s / n)) + 1 is at most n for lateness up to a second.
     */
    private static final long MICROS_FOR_ONE_PER_MINUTE = 61_200_000;

    /**
     * For how long the row need not be looked at again where there is no limit and no trouble: the port allows it, and a
     * transaction for every request would cost more than the request.
     */
    private static final long FREE_PASS_NANOS = 250_000_000;

    /** A pause without an end is looked at again after this. */
    private static final Duration SUSPENSION_CHECK = Duration.ofSeconds(5);

    private static final String MAKE_ROW = "insert into provider_gate (provider) values (?) on conflict do nothing";

    /** Infinite times have no distance. */
    private static final String STANDING = """
            suspended, suspended_by, suspended_at, failures, pause_reason,
            case when paused_until > %1$s
                 then (extract(epoch from paused_until - %1$s) * 1000000)::bigint else 0 end as paused_for,
            case when next_permit_at > %1$s
                 then (extract(epoch from next_permit_at - %1$s) * 1000000)::bigint else 0 end as permit_in,
            (extract(epoch from probe_interval) * 1000000)::bigint as probe_interval
            """;

    /** The clock and not now(): the row's lock may have been waited for. */
    private static final String READ_LOCKED = """
            select %s from provider_gate where provider = ? for update""".formatted(STANDING.formatted("clock_timestamp()"));

    private static final String READ = """
            select %s from provider_gate where provider = ?""".formatted(STANDING.formatted("now()"));

    /**
     * Counted from the moment that was free, not from now, or each reservation would lose the time that it took. A probe
     * closes the gate behind itself; if nothing is heard of it, the next one goes after the interval.
     */
    private static final String TAKE = """
            update provider_gate
               set next_permit_at = greatest(next_permit_at, clock_timestamp()) + ? * interval '1 microsecond',
                   paused_until = case when probe_interval is null then paused_until
                                       else greatest(next_permit_at, clock_timestamp()) + probe_interval end
             where provider = ?""";

    private static final String PAUSE = """
            update provider_gate
               set paused_until = now() + ? * interval '1 microsecond', pause_reason = ?
             where provider = ? and paused_until < now() + ? * interval '1 microsecond'""";

    private static final String COUNT_FAILURE = """
            update provider_gate
               set failures = failures + (failed_for is distinct from ?)::int, failed_for = ?
             where provider = ?
            returning failures""";

    private static final String SET_PROBE_INTERVAL = """
            update provider_gate set probe_interval = ? * interval '1 microsecond' where provider = ?""";

    private static final String RECOVER = """
            update provider_gate
               set failures = 0, failed_for = null, probe_interval = null,
                   paused_until = case when probe_interval is null or pause_reason = 'THROTTLED' then paused_until
                                       else '-infinity' end
             where provider = ?""";

    private static final String SUSPEND = """
            update provider_gate
               set suspended = true, suspended_by = ?, suspended_at = now()
             where provider = ? and not suspended""";

    private static final String RESUME = """
            update provider_gate
               set suspended = false, suspended_by = null, suspended_at = null
             where provider = ?""";

    private static final String COUNT = """
            insert into provider_traffic as t (provider, minute, sent, failed)
            values (?, date_trunc('minute', now()), ?, ?)
            on conflict (provider, minute) do update
              set sent = t.sent + excluded.sent, failed = t.failed + excluded.failed""";

    private static final String FORGET_TRAFFIC = """
            delete from provider_traffic where provider = ? and minute < now() - interval '1 hour'""";

    private static final String TRAFFIC = """
            select minute, sent, failed from provider_traffic
             where provider = ? and minute >= date_trunc('minute', now()) - interval '5 minutes'
             order by minute desc""";

    private final Transactions transactions;

    /** Until when, by {@link System#nanoTime}, requests of a provider may go without a look at its row. */
    private final Map<ProviderId, Long> freePasses = new ConcurrentHashMap<>();

    PostgresProviderGate(Transactions transactions) {
        this.transactions = transactions;
    }

    /** @param probeInterval null while the breaker is closed */
    private record Standing(
            Optional<Pause> pause,
            Duration permitIn,
            boolean troubled,
            @Nullable Duration probeInterval) {
        static Standing of(ResultSet row) throws SQLException {
            long probeMicros = row.getLong("probe_interval");
            Duration probeInterval = row.wasNull() ? null : ofMicros(probeMicros);
            return new Standing(
                    pause(row),
                    ofMicros(row.getLong("permit_in")),
                    row.getInt("failures") > 0 || probeInterval != null,
                    probeInterval);
        }

        private static Optional<Pause> pause(ResultSet row) throws SQLException {
            if (row.getBoolean("suspended")) {
                Caller by = DeviceRow.callerOrNull(row, "suspended_by");
                Suspension suspension = by == null ? null : new Suspension(by, DeviceRow.time(row, "suspended_at"));
                return Optional.of(new Pause(null, PauseReason.SUSPENDED, suspension));
            }
            long pausedFor = row.getLong("paused_for");
            return pausedFor > 0
                    ? Optional.of(
                            new Pause(ofMicros(pausedFor), PauseReason.valueOf(row.getString("pause_reason")), null))
                    : Optional.empty();
        }
    }

    @Override
    public Permit reserve(ProviderId provider, int requestsPerMinute, Duration patience) {
        if (requestsPerMinute == 0 && hasFreePass(provider)) {
            return new Permit.Granted(Duration.ZERO, false);
        }
        return transactions.run(connection -> reserve(connection, provider, requestsPerMinute, patience));
    }

    private Permit reserve(Connection connection, ProviderId provider, int requestsPerMinute, Duration patience)
            throws SQLException {
        makeRow(connection, provider);
        Standing standing;
        try (PreparedStatement statement = connection.prepareStatement(READ_LOCKED)) {
            new Arguments(statement).text(provider.value());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                standing = Standing.of(row);
            }
        }
        if (standing.pause().isPresent()) {
            Duration remaining = standing.pause().get().remaining();
            return new Permit.Closed(remaining == null ? SUSPENSION_CHECK : remaining);
        }
        boolean limited = requestsPerMinute > 0;
        Duration in = limited ? standing.permitIn() : Duration.ZERO;
        if (in.compareTo(patience) > 0) {
            return new Permit.Closed(in);
        }
        if (limited || standing.probeInterval() != null) {
            try (PreparedStatement statement = connection.prepareStatement(TAKE)) {
                new Arguments(statement)
                        .number(limited ? MICROS_FOR_ONE_PER_MINUTE / requestsPerMinute : 0)
                        .text(provider.value());
                statement.executeUpdate();
            }
        } else if (!standing.troubled()) {
            freePasses.put(provider, System.nanoTime() + FREE_PASS_NANOS);
        }
        return new Permit.Granted(in, standing.troubled());
    }

    private boolean hasFreePass(ProviderId provider) {
        Long until = freePasses.get(provider);
        return until != null && until - System.nanoTime() > 0;
    }

    @Override
    public void pause(ProviderId provider, Duration duration, PauseReason reason) {
        change(provider, connection -> pause(connection, provider, duration, reason));
    }

    private static void pause(Connection connection, ProviderId provider, Duration duration, PauseReason reason)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(PAUSE)) {
            new Arguments(statement)
                    .micros(duration)
                    .text(reason.name())
                    .text(provider.value())
                    .micros(duration);
            statement.executeUpdate();
        }
    }

    @Override
    public void failed(ProviderId provider, CustomerId customer, Breaker breaker) {
        change(provider, connection -> {
            try (PreparedStatement statement = connection.prepareStatement(COUNT_FAILURE)) {
                new Arguments(statement)
                        .text(customer.value())
                        .text(customer.value())
                        .text(provider.value());
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    if (row.getInt("failures") >= breaker.threshold()) {
                        open(connection, provider, breaker.probeInterval(), PauseReason.FAILING);
                    }
                }
            }
        });
    }

    @Override
    public void open(ProviderId provider, Duration probeInterval, PauseReason reason) {
        change(provider, connection -> open(connection, provider, probeInterval, reason));
    }

    private static void open(Connection connection, ProviderId provider, Duration probeInterval, PauseReason reason)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SET_PROBE_INTERVAL)) {
            new Arguments(statement).micros(probeInterval).text(provider.value());
            statement.executeUpdate();
        }
        pause(connection, provider, probeInterval, reason);
    }

    @Override
    public void recovered(ProviderId provider) {
        change(provider, connection -> {
            try (PreparedStatement statement = connection.prepareStatement(RECOVER)) {
                new Arguments(statement).text(provider.value());
                statement.executeUpdate();
            }
        });
    }

    @Override
    public void suspend(Caller by, ProviderId provider) {
        change(provider, connection -> {
            try (PreparedStatement statement = connection.prepareStatement(SUSPEND)) {
                new Arguments(statement).text(by.name()).text(provider.value());
                statement.executeUpdate();
            }
        });
    }

    @Override
    public void resume(ProviderId provider) {
        change(provider, connection -> {
            try (PreparedStatement statement = connection.prepareStatement(RESUME)) {
                new Arguments(statement).text(provider.value());
                statement.executeUpdate();
            }
        });
    }

    private interface Change {
        void in(Connection connection) throws SQLException;
    }

    /** What this process changes holds for it at once. */
    private void change(ProviderId provider, Change change) {
        transactions.run(connection -> {
            makeRow(connection, provider);
            change.in(connection);
            return null;
        });
        freePasses.remove(provider);
    }

    @Override
    public Optional<Pause> pauseOf(ProviderId provider) {
        if (hasFreePass(provider)) {
            return Optional.empty();
        }
        return transactions.run(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(READ)) {
                new Arguments(statement).text(provider.value());
                try (ResultSet row = statement.executeQuery()) {
                    return row.next() ? Standing.of(row).pause() : Optional.empty();
                }
            }
        });
    }

    @Override
    public void count(ProviderId provider, long sent, long failed) {
        transactions.run(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(COUNT)) {
                new Arguments(statement).text(provider.value()).number(sent).number(failed);
                statement.executeUpdate();
            }
            try (PreparedStatement statement = connection.prepareStatement(FORGET_TRAFFIC)) {
                new Arguments(statement).text(provider.value());
                return statement.executeUpdate();
            }
        });
    }

    @Override
    public List<Traffic> traffic(ProviderId provider) {
        return transactions.run(connection -> {
            List<Traffic> traffic = new ArrayList<>();
            try (PreparedStatement statement = connection.prepareStatement(TRAFFIC)) {
                new Arguments(statement).text(provider.value());
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        traffic.add(
                                new Traffic(DeviceRow.time(row, "minute"), row.getLong("sent"), row.getLong("failed")));
                    }
                }
            }
            return traffic;
        });
    }

    private static void makeRow(Connection connection, ProviderId provider) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(MAKE_ROW)) {
            new Arguments(statement).text(provider.value());
            statement.executeUpdate();
        }
    }

    private static Duration ofMicros(long micros) {
        return Duration.ofNanos(micros * 1_000);
    }
}
