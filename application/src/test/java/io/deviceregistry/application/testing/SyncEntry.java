package io.deviceregistry.application.testing;

import io.deviceregistry.application.port.out.Holding;
import io.deviceregistry.application.port.out.Settlement;
import io.deviceregistry.application.port.out.Settlement.Doubt;
import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.port.out.SyncRepair.Drift;
import io.deviceregistry.application.port.out.SyncRepair.Known;
import io.deviceregistry.application.port.out.SyncTask;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.ProviderSync;
import io.deviceregistry.domain.SyncReason;
import io.deviceregistry.domain.SyncState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What one provider still has to be told of one device. */
final class SyncEntry {
    final CustomerId customer;

    /** Tokens that the device had while an attempt was under way or in doubt. */
    private final List<DeviceToken> formerTokens = new ArrayList<>();

    /** Tokens that the device no longer has and by which the provider may know it. */
    final Set<DeviceToken> givenUp = new HashSet<>();

    SyncState state = SyncState.PENDING;

    @Nullable Instant dueAt;

    Instant pendingSince = Instant.EPOCH;

    private long desiredVersion;
    private @Nullable String origin;
    private @Nullable Holding holding;
    private @Nullable UUID lease;
    private @Nullable UUID comparedBy;
    private @Nullable Instant leaseUntil;
    private int attempts;
    private int unconfirmedAttempts;
    private int failures;
    private int strikes;
    private boolean uncertain;
    private SyncLane lane = SyncLane.FRESH;
    private @Nullable SyncReason reason;
    private @Nullable String lastError;
    private boolean erased;

    SyncEntry(CustomerId customer) {
        this.customer = customer;
    }

    SyncEntry copy() {
        SyncEntry copy = new SyncEntry(customer);
        copy.givenUp.addAll(givenUp);
        copy.state = state;
        copy.dueAt = dueAt;
        copy.pendingSince = pendingSince;
        copy.desiredVersion = desiredVersion;
        copy.origin = origin;
        copy.holding = holding;
        copy.lease = lease;
        copy.comparedBy = comparedBy;
        copy.leaseUntil = leaseUntil;
        copy.attempts = attempts;
        copy.unconfirmedAttempts = unconfirmedAttempts;
        copy.failures = failures;
        copy.strikes = strikes;
        copy.formerTokens.addAll(formerTokens);
        copy.uncertain = uncertain;
        copy.lane = lane;
        copy.reason = reason;
        copy.lastError = lastError;
        copy.erased = erased;
        return copy;
    }

    void makeDue(long version, Instant now) {
        makeDue(version, SyncLane.FRESH, now);
    }

    void makeDue(long version, SyncLane into, Instant now) {
        boolean waits = state == SyncState.PENDING && dueAt != null;
        lane = waits && lane == SyncLane.FRESH ? lane : into;
        desiredVersion = version;
        pendingSince = waits ? pendingSince : now;
        dueAt = waits ? dueAt : now;
        state = SyncState.PENDING;
        reason = null;
    }

    void ledTo(@Nullable String by) {
        origin = by;
    }

    void lift() {
        if (isPending()) {
            lane = SyncLane.FRESH;
        }
    }

    void unpark(SyncLane into, Instant now) {
        failures = 0;
        strikes = 0;
        makeDue(desiredVersion, now);
        lane = into;
    }

    /** A provider that is to be told of what it has never been told. */
    void catchUp(long version, Instant now) {
        makeDue(version, now);
        lane = SyncLane.BACKLOG;
    }

    SyncLane lane() {
        return lane;
    }

    SyncReason reason() {
        return Objects.requireNonNull(reason);
    }

    boolean isPending() {
        return state == SyncState.PENDING;
    }

    /** Whether an attempt began that was not settled, though its lease may have run out. */
    boolean isLeased() {
        return lease != null;
    }

    boolean leasedAt(Instant now) {
        return leaseUntil != null && leaseUntil.isAfter(now);
    }

    boolean dueAt(Instant now) {
        return dueAt != null && !dueAt.isAfter(now);
    }

    SyncTask lease(UUID id, Device device, Instant until) {
        if (lease != null) {
            unconfirmedAttempts++;
            strikes++;
            uncertain = true;
        }
        attempts++;
        comparedBy = null;
        lease = id;
        leaseUntil = until;
        dueAt = until;
        return new SyncTask(
                device,
                desiredVersion,
                holding,
                uncertain,
                state == SyncState.PARKED,
                failures,
                strikes,
                formerTokens,
                origin);
    }

    Known leaseToCompare(UUID id, Device device, Instant until) {
        if (state == SyncState.SYNCED) {
            comparedBy = id;
            leaseUntil = until;
        }
        return new Known(device, desiredVersion, state, holding);
    }

    void drifted(UUID id, Drift drift, Instant now) {
        if (id.equals(comparedBy) && state == SyncState.SYNCED && desiredVersion == drift.version()) {
            holding = drift.told();
            catchUp(desiredVersion, now);
        }
    }

    void endComparison(UUID id) {
        if (id.equals(comparedBy)) {
            comparedBy = null;
            leaseUntil = null;
        }
    }

    void settle(UUID id, Settlement settlement, Instant now) {
        if (!id.equals(lease)) {
            return;
        }
        lease = null;
        leaseUntil = null;
        settle(settlement.verdict(), now);
        boolean nothingLeftToTell = erased && state == SyncState.SYNCED && holding == null;
        if (desiredVersion != settlement.version() && !nothingLeftToTell) {
            lane = state == SyncState.PARKED ? SyncLane.FRESH : lane;
            state = SyncState.PENDING;
            dueAt = isNewDoubt(settlement.verdict()) ? dueAt : now;
            reason = null;
        }
        if (state == SyncState.SYNCED) {
            givenUp.clear();
        }
        if (!uncertain && !(settlement.verdict() instanceof Settlement.Released)) {
            formerTokens.clear();
        }
    }

    /** The device has another token from now on. */
    void gaveUp(DeviceToken token) {
        givenUp.add(token);
        keepIfInDoubt(token);
    }

    private void keepIfInDoubt(DeviceToken token) {
        if (lease != null || uncertain) {
            formerTokens.add(token);
        }
    }

    private static boolean isNewDoubt(Settlement.Verdict verdict) {
        return verdict instanceof Settlement.Retry retry && retry.doubt() == Doubt.NEW;
    }

    private void settle(Settlement.Verdict verdict, Instant now) {
        switch (verdict) {
            case Settlement.Synced(Holding held) -> {
                holding = held;
                describe(SyncState.SYNCED, null, null, null);
                uncertain = false;
                forgetFailures();
            }
            case Settlement.Retry(Duration in, Doubt doubt, boolean strike, SyncReason why, String words) -> {
                describe(SyncState.PENDING, now.plus(in), why, words);
                failures++;
                strikes += strike ? 1 : 0;
                unconfirmedAttempts += doubt == Doubt.NEW ? 1 : 0;
                uncertain = doubt != Doubt.NONE;
            }
            case Settlement.Parked(Duration retryIn, Doubt doubt, SyncReason why, String words) -> {
                failures = state == SyncState.PARKED ? failures + 1 : 0;
                strikes = 0;
                describe(SyncState.PARKED, retryIn == null ? null : now.plus(retryIn), why, words);
                lane = SyncLane.BACKLOG;
                uncertain = doubt != Doubt.NONE;
            }
            case Settlement.Unsupported(SyncReason why, String words) -> {
                describe(SyncState.UNSUPPORTED, null, why, words);
                uncertain = false;
                forgetFailures();
            }
            case Settlement.Released(Duration in) -> {
                attempts--;
                dueAt = now.plus(in);
            }
        }
    }

    private void forgetFailures() {
        failures = 0;
        strikes = 0;
    }

    private void describe(SyncState now, @Nullable Instant due, @Nullable SyncReason why, @Nullable String words) {
        state = now;
        dueAt = due;
        reason = why;
        lastError = words;
    }

    /** Whether the provider has the device, or may have it. */
    boolean mayBeHeld() {
        return holding != null || lease != null || (state != SyncState.SYNCED && unconfirmedAttempts > 0);
    }

    /** Whether the provider has the device and is not going to be told anything. */
    boolean isHeldInVain() {
        return holding != null && (state == SyncState.PARKED || state == SyncState.UNSUPPORTED);
    }

    /** The device's customer was erased: only what the provider knows it by is kept. */
    DeviceToken erase(Device device, Instant now) {
        if (holding != null && device.hasToken()) {
            keepIfInDoubt(device.token());
        }
        Holding held = holding == null ? new Holding(null, device.type(), device.token()) : holding;
        holding = held;
        if (device.hasToken()) {
            givenUp.add(device.token());
        }
        makeDue(device.version() + 1, now);
        lastError = null;
        erased = true;
        return held.token();
    }

    ProviderSync standing(ProviderId provider) {
        return new ProviderSync(
                provider,
                state,
                holding == null ? null : holding.remoteId(),
                attempts,
                unconfirmedAttempts,
                reason,
                lastError,
                dueAt);
    }
}
