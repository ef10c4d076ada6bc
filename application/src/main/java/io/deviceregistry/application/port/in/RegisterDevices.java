package io.deviceregistry.application.port.in;

import io.deviceregistry.application.port.out.Answer;
import io.deviceregistry.application.port.out.IdempotentRequest;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.ConflictingTypesException;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.IdempotencyKeyReusedException;
import io.deviceregistry.domain.Registration;
import io.deviceregistry.domain.RegistryException;
import io.deviceregistry.domain.RequestUnderWayException;
import io.deviceregistry.domain.TooManyDevicesException;
import java.util.List;
import java.util.function.Function;

/** The central use case: makes devices known to the registry, and through it to every provider. */
public interface RegisterDevices {

    /** The most items that one call of {@link #registerEach} takes: each needs locks until its transaction ends. */
    int MAX_ITEMS = 50;

    /**
     * Registers devices of one customer, who need not exist beforehand.
     *
     * <p>When this returns, the devices are durable and every provider will be told of them, whatever crashes; nothing
     * was sent yet. All of it is one transaction: if this throws, nothing was stored. A repeated call finds what the
     * first one made. A token that another customer's active device has is transferred: that device is removed, and
     * each provider is told of the removal first.
     *
     * @param devices where a token stands several times, the last metadata and the newest time win, and every entry gets
     *     the same device
     * @return one answer per entry, in the order of the entries
     * @throws ConflictingTypesException if two entries give one token different types
     * @throws TooManyDevicesException if the customer would have more active devices than one may have
     * @throws StoreUnavailableException if the store could not be reached or did not answer in time; whether it stored
     *     the devices is then unknown, and repeating the call is safe
     */
    List<Registration> register(Caller by, CustomerId customer, List<DeviceRegistration> devices);

    /**
     * As {@link #register}, of a request that takes effect once: its answer is remembered with what it stored, in the same
     * transaction, and is what an equal request is answered, for as long as answers are remembered.
     *
     * @param answer renders what {@link #register} would return. May be called several times, on any thread, and must
     *     neither block nor change anything
     * @throws RequestUnderWayException if an equal request is being worked on
     * @throws IdempotencyKeyReusedException if the key was used for another request
     */
    Answer registerOnce(
            Caller by,
            CustomerId customer,
            List<DeviceRegistration> devices,
            IdempotentRequest request,
            Function<List<Registration>, String> answer);

    /**
     * Registers devices of many customers, one after the other, in one transaction. An item that is refused does not
     * hinder the others. One that repeats the token of another is a message of its own, and may be the late one of the
     * two.
     *
     * @param items at most {@link #MAX_ITEMS}
     * @return one result per item, in the order of the items
     * @throws StoreUnavailableException as above
     */
    List<ItemResult> registerEach(Caller by, List<Item> items);

    record Item(CustomerId customer, DeviceRegistration device) {}

    /** What became of one item. */
    sealed interface ItemResult {
        record Registered(Registration registration) implements ItemResult {}

        record Refused(RegistryException reason) implements ItemResult {}
    }
}
