package io.deviceregistry.bootstrap.e2e;

import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * Holds every round that comes to a point, until it is closed. Nothing in the service knows of it: rows are locked by a
 * session of its own, and the wire keeps what is on it.
 *
 * <p>A replica waits for a row some seconds only, so what is to be done while it is held is to be done at once.
 */
final class Hold implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Of rows that a claim has leased. */
    private static final String LEASED = "lease is not null and lease_until > now()";

    private final Point point;
    private final Wire wire;
    private final Connection locks;
    /** Another one, because what a transaction sees of the other sessions stands still. */
    private final Connection view;

    private final int lostBefore;

    private Hold(Point point, Wire wire, Connection locks, Connection view) {
        this.point = point;
        this.wire = wire;
        this.locks = locks;
        this.view = view;
        this.lostBefore = wire.lost();
    }

    /** For rounds that come to the point from now on. */
    static Hold at(Point point, Deployment deployment, Wire wire) throws SQLException {
        Hold hold = new Hold(point, wire, deployment.connect(), deployment.connect());
        hold.locks.setAutoCommit(false);
        switch (point) {
            case AFTER_CLAIM -> hold.lockGate();
            case SENDING -> wire.set(Wire.Mode.DEAF);
            case AWAITING_ANSWER, BEFORE_SETTLING -> wire.set(Wire.Mode.MUTE);
        }
        return hold;
    }

    /** Returns when a round is there. */
    void awaitReached() throws SQLException {
        switch (point) {
            case AFTER_CLAIM ->
                await().atMost(PATIENCE).until(() -> waiting("%provider_gate%") > 0 && count(LEASED) > 0);
            case SENDING -> await().atMost(PATIENCE).until(() -> wire.lost() > lostBefore);
            case AWAITING_ANSWER -> await().atMost(PATIENCE).until(() -> wire.held() > 0);
            case BEFORE_SETTLING -> {
                await().atMost(PATIENCE).until(() -> wire.held() > 0);
                try (Statement statement = locks.createStatement()) {
                    statement.execute("select device_id from device_sync where " + LEASED + " for update");
                }
                wire.set(Wire.Mode.OPEN);
                await().atMost(PATIENCE).until(() -> waiting("%update device_sync%") > 0);
            }
        }
    }

    /** Lets go. */
    @Override
    public void close() throws SQLException {
        wire.set(Wire.Mode.OPEN);
        locks.rollback();
        locks.close();
        view.close();
    }

    private void lockGate() throws SQLException {
        try (Statement statement = locks.createStatement()) {
            statement.execute("insert into provider_gate (provider) values ('bunce') on conflict do nothing");
            locks.commit();
            statement.execute("select provider from provider_gate where provider = 'bunce' for update");
        }
    }

    /** Sessions that wait for a lock with a statement that is like this. */
    private long waiting(String statement) throws SQLException {
        try (PreparedStatement query = view.prepareStatement("""
                select count(*) from pg_stat_activity
                 where datname = current_database() and pid <> pg_backend_pid()
                   and wait_event_type = 'Lock' and query like ?""")) {
            query.setString(1, statement);
            return number(query.executeQuery());
        }
    }

    private long count(String rows) throws SQLException {
        try (Statement query = view.createStatement()) {
            return number(query.executeQuery("select count(*) from device_sync where " + rows));
        }
    }

    private static long number(ResultSet result) throws SQLException {
        try (result) {
            result.next();
            return result.getLong(1);
        }
    }
}
