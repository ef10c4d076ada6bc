package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.out.Holding;
import io.deviceregistry.application.port.out.Settlement;
import io.deviceregistry.application.port.out.Settlement.Doubt;
import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.Profile;
import io.deviceregistry.domain.SyncReason;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Records what became of devices that were leased, and lets go of them. */
final class SyncSettlements {
    /**
     * Settles devices whose lease is still ours, in the order in which they are given. What changed meanwhile is due at
     * once, with its new version and whatever the provider holds by now, unless this attempt may still take effect; but if
     * it was erased meanwhile and the provider holds nothing, then nothing is left to tell, nor a token to tell it by. Once
     * it is not pending, nobody waits for the tokens that it gave up; they stay noted until the provider was told. What
     * parked is tried again, if at all, where nobody waits for it.
     */
    private static final String SETTLE = PlansByIndex.SETTING + """
            ;
            with settled as (
            update device_sync s
               set lease = null, lease_until = null,
                   state = case when s.desired_version = v.version or s.erased and v.gone then v.state
                                else 'PENDING' end,
                   due_at = case when s.desired_version = v.version or s.erased and v.gone or v.unconfirmed = 1
                                 then now() + v.due_in * interval '1 microsecond'
                                 else now() end,
                   reason = case when s.desired_version = v.version then v.reason end,
                   last_error = v.words,
                   synced_version = case when v.state = 'SYNCED' then v.version else s.synced_version end,
                   remote_id = case when v.state = 'SYNCED' then v.remote_id else s.remote_id end,
                   held_type = case when v.state = 'SYNCED' then v.held_type else s.held_type end,
                   held_token_cipher = case when v.state = 'SYNCED' then v.held_token else s.held_token_cipher end,
                   unconfirmed_attempts = s.unconfirmed_attempts + v.unconfirmed,
                   backlog = case when v.state = 'PARKED' then s.desired_version = v.version else s.backlog end,
                   uncertain = v.uncertain,
                   former_token_ciphers = case when v.uncertain then s.former_token_ciphers end,
                   failures = case when v.state = 'PENDING' or v.state = 'PARKED' and s.state = 'PARKED'
                                   then s.failures + 1 else 0 end,
                   strikes = case when v.state = 'PENDING' then s.strikes + v.strikes else 0 end
              from (select *, state = 'SYNCED' and held_token is null as gone
                      from unnest(?::uuid[], ?::text[], ?::uuid[], ?::bigint[], ?::text[], ?::bigint[], ?::text[],
                                  ?::text[], ?::text[], ?::text[], ?::bytea[], ?::bigint[], ?::boolean[], ?::bigint[])
                             as v(device_id, provider, lease, version, state, due_in, reason, words, remote_id, held_type,
                                  held_token, unconfirmed, uncertain, strikes)) v
             where s.device_id = v.device_id and s.provider = v.provider and s.lease = v.lease
            returning s.device_id, s.provider, s.state)
            delete from token_release r using settled
             where r.device_id = settled.device_id and r.provider = settled.provider and settled.state = 'SYNCED'""";

    /** Does not let rest what parked for want of a customer of whom more is known by now than when it was leased. */
    private static final String RELEASE_IF_DESCRIBED = """
            update device_sync s
               set state = 'PENDING', reason = null, backlog = false, due_at = now(), pending_since = now()
              from customer c
             where c.id = ? and (c.email, c.first_name, c.last_name, c.phone_no)
                                is distinct from (?::text, ?::text, ?::text, ?::text)
               and s.device_id = any (?::uuid[]) and s.provider = ? and s.lease is null
               and case s.state when 'PARKED' then s.reason = 'CUSTOMER_UNKNOWN' end""";

    /** Gives a device back as it was before the claim. */
    private static final String RELEASE = """
            update device_sync
               set lease = null, lease_until = null, attempts = attempts - 1,
                   due_at = case when desired_version = ? then now() + ? * interval '1 microsecond' else now() end
             where device_id = ? and provider = ? and lease = ?""";

    private final Transactions transactions;
    private final TokenVault vault;
    private final Together<Settled> confirmations = new Together<>(1, this::confirm);

    SyncSettlements(Transactions transactions, TokenVault vault) {
        this.transactions = transactions;
        this.vault = vault;
    }

    /** As {@link PostgresSyncLedger#settle}. What is all confirmed is recorded together with what others confirm. */
    void settle(SyncLease lease, Collection<Settlement> settlements) {
        List<Settled> confirmed = new ArrayList<>();
        for (Settlement settlement : settlements) {
            if (settlement.verdict() instanceof Settlement.Synced(Holding held)) {
                confirmed.add(Settled.synced(lease, settlement, held));
            }
        }
        if (confirmed.size() == settlements.size()) {
            confirmations.run(confirmed);
        } else {
            settleAlone(lease, settlements);
        }
    }

    private void confirm(List<Settled> settled) {
        transactions.run(connection -> {
            settle(connection, settled);
            return null;
        });
    }

    private void settleAlone(SyncLease lease, Collection<Settlement> settlements) {
        List<Settlement> inLockOrder = settlements.stream()
                .sorted(Comparator.comparing(Settlement::device))
                .toList();
        transactions.run(connection -> {
            for (Settlement settlement : inLockOrder) {
                settle(connection, lease, settlement);
            }
            releaseIfDescribed(connection, lease, inLockOrder);
            return null;
        });
    }

    private void settle(Connection connection, SyncLease lease, Settlement settlement) throws SQLException {
        switch (settlement.verdict()) {
            case Settlement.Synced(Holding held) -> settle(connection, Settled.synced(lease, settlement, held));
            case Settlement.Retry(Duration in, Doubt doubt, boolean strike, SyncReason reason, String words) ->
                settle(connection, new Settled(lease, settlement, "PENDING", in, reason, words, null, doubt, strike));
            case Settlement.Parked(Duration retryIn, Doubt doubt, SyncReason reason, String words) ->
                settle(
                        connection,
                        new Settled(lease, settlement, "PARKED", retryIn, reason, words, null, doubt, false));
            case Settlement.Unsupported(SyncReason reason, String words) ->
                settle(
                        connection,
                        new Settled(lease, settlement, "UNSUPPORTED", null, reason, words, null, Doubt.NONE, false));
            case Settlement.Released(Duration in) -> release(connection, lease, settlement, in);
        }
    }

    private void settle(Connection connection, Settled settled) throws SQLException {
        settle(connection, List.of(settled));
    }

    /** What a verdict makes of a device's row. */
    private record Settled(
            SyncLease lease,
            Settlement settlement,
            String state,
            @Nullable Duration dueIn,
            @Nullable SyncReason reason,
            @Nullable String words,
            @Nullable Holding held,
            Doubt doubt,
            boolean strike) {
        static final Comparator<Settled> LOCK_ORDER = Comparator.<Settled, DeviceId>comparing(
                        settled -> settled.settlement.device())
                .thenComparing(settled -> settled.lease.provider().value());

        static Settled synced(SyncLease lease, Settlement settlement, @Nullable Holding held) {
            return new Settled(lease, settlement, "SYNCED", null, null, null, held, Doubt.NONE, false);
        }
    }

    private void settle(Connection connection, List<Settled> settled) throws SQLException {
        List<Settled> rows = settled.stream().sorted(Settled.LOCK_ORDER).toList();
        try (PreparedStatement statement = connection.prepareStatement(SETTLE)) {
            new Arguments(statement)
                    .uuids(rows, row -> row.settlement().device().value())
                    .texts(rows, row -> row.lease().provider().value())
                    .uuids(rows, row -> row.lease().id())
                    .numbers(rows, row -> row.settlement().version())
                    .texts(rows, Settled::state)
                    .micros(rows, Settled::dueIn)
                    .texts(
                            rows,
                            row -> row.reason() == null ? null : row.reason().name())
                    .texts(rows, Settled::words)
                    .texts(rows, row -> row.held() == null ? null : row.held().remoteId())
                    .texts(
                            rows,
                            row -> row.held() == null ? null : row.held().type().value())
                    .byteStrings(
                            rows,
                            row -> row.held() == null
                                    ? null
                                    : vault.seal(
                                            row.held().token(), row.settlement().device()))
                    .numbers(rows, row -> row.doubt() == Doubt.NEW ? 1L : 0L)
                    .booleans(rows, row -> row.doubt() != Doubt.NONE)
                    .numbers(rows, row -> row.strike() ? 1L : 0L);
            statement.execute();
        }
    }

    private static void releaseIfDescribed(Connection connection, SyncLease lease, List<Settlement> settlements)
            throws SQLException {
        List<Settlement> unknown = settlements.stream()
                .filter(settlement -> settlement.verdict() instanceof Settlement.Parked parked
                        && parked.reason() == SyncReason.CUSTOMER_UNKNOWN)
                .toList();
        if (!unknown.isEmpty()) {
            Profile profile = lease.profile();
            try (PreparedStatement statement = connection.prepareStatement(RELEASE_IF_DESCRIBED)) {
                new Arguments(statement)
                        .text(lease.customer().value())
                        .text(profile.email())
                        .text(profile.firstName())
                        .text(profile.lastName())
                        .text(profile.phoneNumber())
                        .uuids(unknown, settlement -> settlement.device().value())
                        .text(lease.provider().value());
                statement.executeUpdate();
            }
        }
    }

    private static void release(Connection connection, SyncLease lease, Settlement settlement, Duration in)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(RELEASE)) {
            new Arguments(statement)
                    .number(settlement.version())
                    .micros(in)
                    .uuid(settlement.device().value())
                    .text(lease.provider().value())
                    .uuid(lease.id());
            statement.executeUpdate();
        }
    }
}
