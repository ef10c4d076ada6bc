package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.IdempotencyKeyReusedException;
import io.deviceregistry.domain.Registry;
import io.deviceregistry.domain.RequestUnderWayException;
import io.deviceregistry.domain.Scope;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Keeps customers and devices durably. Every method may throw {@link StoreUnavailableException}.
 *
 * <p>The store makes the ids and sets the times, so that one clock orders all that is stored. Lists are ordered by the
 * devices' ids, which is the order of their first registration. Devices of a customer who was erased are not there.
 */
public interface DeviceStore {

    /**
     * Lets a change happen to a part of the registry: nobody else changes what is in the scope meanwhile, concurrent
     * changes take turns and none fails for the others' sake. What the change made is stored with what every provider must
     * now be told of it, and noted in the feed of changes, in one transaction that is durable on return, or with the
     * enclosing one of {@link IdempotencyRecords#exclusively}. If the change throws, nothing is stored.
     *
     * @param change may be called several times, on any thread, and must do nothing besides changing what it is given
     * @return what the change returned
     */
    <T extends @Nullable Object> T change(Writing writing, Scope scope, Function<Registry, T> change);

    /**
     * As {@link #change}, of a request that takes effect once: what the change returned is remembered with what it made, in
     * the same transaction. If an answer to the request is remembered already, nothing changes. It is no part of the
     * enclosing transaction of {@link IdempotencyRecords#exclusively}, and must not be called there.
     *
     * @param maxAge of a remembered answer; one that is older is forgotten
     * @param change as above; returns what is to be remembered
     * @throws RequestUnderWayException if another one with the key is under way
     * @throws IdempotencyKeyReusedException if the answer that is remembered was given to another request
     */
    Answer changeOnce(
            Writing writing,
            Scope scope,
            IdempotentRequest request,
            Duration maxAge,
            Function<Registry, String> change);

    /** A device of a customer, removed ones included. */
    Optional<Device> device(CustomerId customer, DeviceId device);

    /**
     * The devices that satisfy a query. A page looks at a limited number of devices: it may be short, or empty, and yet
     * have a next one. That is so above all where no index leads to them: see {@link DeviceQuery}.
     */
    Page<Device, DeviceId> devices(DeviceQuery query);

    /**
     * About how many devices have one of these statuses, for whoever is about to read them all. Exact while the store is
     * small enough to count them in some milliseconds, else made of a part of them: it may be wrong by some percent.
     */
    long estimate(Set<DeviceStatus> statuses);
}
