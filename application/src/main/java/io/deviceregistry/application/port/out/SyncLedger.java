package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.ParkedSync;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.ProviderSync;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The record of what each provider still has to be told, shared by all replicas. Time is the store's. Every method may
 * throw {@link StoreUnavailableException}.
 */
public interface SyncLedger {

    /**
     * Leases all devices of some customers that are due at a provider, of those customers who have waited longest in a
     * lane; of each of them, those of the other lane too. Durable on return: from here on an attempt counts as begun.
     *
     * <ul>
     *   <li>A customer with an unexpired lease at this provider is passed over, so its calls never overlap.
     *   <li>An active device whose token belonged to another customer waits until the provider was told of every such
     *       removal, or that telling parked.
     *   <li>A lease that ran out without being settled is an attempt whose outcome stayed unknown: it is counted as
     *       unconfirmed, and as a strike, when its devices are leased again.
     * </ul>
     *
     * @param most so many customers at most, 1 or more
     * @return a lease for each customer, in any order; fewer than asked for if nobody else waits, or another replica claims
     *     at the same moment
     */
    List<SyncLease> lease(ProviderId provider, SyncLane lane, Duration duration, int most);

    /**
     * Records what became of devices under a lease, in one transaction, and ends their lease. A device whose lease has
     * passed to someone else meanwhile is left as it is. A device that changed during the call is due again at once,
     * whatever the verdict, but not before a new doubt has had its time. Who is told again for a failure waits in the
     * lane in which it was; what parked is tried again, if at all, in the backlog.
     */
    void settle(SyncLease lease, Collection<Settlement> settlements);

    /**
     * How many devices are not synced with a provider, and why. Of more than 100,000 that are pending in a lane it may be
     * an estimate, some percent off, or more where they are few beside all others; who has been pending longest is looked
     * for among those that are due first then.
     */
    SyncTotals totals(ProviderId provider);

    /**
     * What part of a request each pending device of a provider takes, if a request is for one customer: 1 if every device
     * is of another one, less if they share. Of more than some hundred devices an estimate, from those that are due next.
     * 0 if none is pending.
     *
     * @param most devices in one request
     */
    double requestsPerDevice(ProviderId provider, int most);

    /** How many devices are synced with a provider. Of more than some hundred thousand it is an estimate, some percent off. */
    long countSynced(ProviderId provider);

    /** Parked devices, those of erased customers included. */
    Page<ParkedSync, ParkedQuery.Position> parked(ParkedQuery query);

    /**
     * Makes parked devices pending and due at once, as if they had never failed, in the order of {@link #parked}. One that
     * is being tried already is left to that.
     *
     * @param lane where they wait
     * @param after only those that come later; null for all
     * @param limit at most so many; at least 1
     */
    Unparked unpark(ParkedSelection selection, SyncLane lane, ParkedQuery.@Nullable Position after, int limit);

    /**
     * @param number how many devices were made due
     * @param next after which one there may be more; null if there are none
     */
    record Unparked(int number, ParkedQuery.@Nullable Position next) {}

    /** How each provider stands towards a device, by the provider's name; empty if the customer never had it. */
    Optional<List<ProviderSync>> standing(CustomerId customer, DeviceId device);
}
