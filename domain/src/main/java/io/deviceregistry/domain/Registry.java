package io.deviceregistry.domain;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The part of the registry that one change is about, as it was and as the change makes it: all rules that concern more
 * than one device are here. Whoever keeps the registry fills it within the {@link Scope}, lets the change happen, and
 * stores {@link #changedDevices} and {@link #changedCustomers}, all of it or nothing.
 *
 * <p>Each method does all that it says or, if it throws, nothing. It may only be asked for what is in the scope. For one
 * thread.
 */
public final class Registry {
    private final Scope scope;
    private final Caller by;
    private final Instant now;
    private final Supplier<DeviceId> newIds;
    private final Map<CustomerId, Customer> customersBefore;
    private final Map<CustomerId, Customer> customers;
    private final Map<CustomerId, Integer> activeDevices;
    private final Map<DeviceToken, Instant> formerHolders;
    private final Map<DeviceId, Device> before = new HashMap<>();
    private final Map<DeviceId, Device> devices = new HashMap<>();
    private final Map<Scope.Token, DeviceId> owned = new HashMap<>();
    private final Map<DeviceToken, DeviceId> holders = new HashMap<>();

    /** In the order of their last change. */
    private final Map<DeviceId, Change> changes = new LinkedHashMap<>();

    /**
     * A device that a change made or touched.
     *
     * @param before null if it is new
     */
    public record Change(@Nullable Device before, Device after) {

        /** Whether providers must be told of it. */
        public boolean concernsProviders() {
            return after.differsForProviders(before);
        }

        /** Empty if only times moved, which is no new version. */
        public Optional<ChangeKind> kind() {
            if (before != null && before.version() == after.version()) {
                return Optional.empty();
            }
            boolean sameStatus = before != null && before.status() == after.status();
            return Optional.of(
                    switch (after.status()) {
                        case ACTIVE ->
                            before == null
                                    ? ChangeKind.REGISTERED
                                    : sameStatus ? ChangeKind.CHANGED : ChangeKind.REACTIVATED;
                        case INVALID -> sameStatus ? ChangeKind.CHANGED : ChangeKind.INVALIDATED;
                        case REMOVED -> ChangeKind.REMOVED;
                    });
        }

        /** The token by which providers may still know the device, though the customer no longer does. */
        public Optional<DeviceToken> tokenGivenUp() {
            return before != null
                            && before.hasToken()
                            && (!after.hasToken() || !after.token().equals(before.token()))
                    ? Optional.of(before.token())
                    : Optional.empty();
        }
    }

    /**
     * @param by who makes the change
     * @param now the time of the change, by the clock of whoever keeps the registry
     * @param newIds asked for each device that is made
     * @param customers those of the scope that there are
     * @param activeDevices how many active devices each customer of the scope has; none if it is not named
     * @param formerHolders when devices that are not active, but have a token of the scope, were last seen; nothing if the
     *     scope does not ask for it
     * @param devices those of the scope, and the holders of its tokens
     */
    public Registry(
            Scope scope,
            Caller by,
            Instant now,
            Supplier<DeviceId> newIds,
            Collection<Customer> customers,
            Map<CustomerId, Integer> activeDevices,
            Map<DeviceToken, Instant> formerHolders,
            Collection<Device> devices) {
        this.scope = scope;
        this.by = by;
        this.now = now;
        this.newIds = newIds;
        this.customers = new LinkedHashMap<>();
        customers.forEach(customer -> this.customers.put(customer.id(), customer));
        this.customersBefore = Map.copyOf(this.customers);
        this.activeDevices = new HashMap<>(activeDevices);
        this.formerHolders = Map.copyOf(formerHolders);
        for (Device device : devices) {
            before.put(device.id(), device);
            enter(device);
        }
    }

    /**
     * Registers a device of a customer, who is brought into being if need be. If another customer holds the token, that
     * device is {@code REMOVED(TRANSFERRED)}. A message that is older than what is known changes nothing, or, where
     * another customer took the token since, notes just that, whether or not that one holds it still.
     *
     * @param limit the most active devices that a customer may have
     * @throws TooManyDevicesException if it would have more
     */
    public Registration register(CustomerId customer, DeviceRegistration registration, int limit) {
        Optional<Device> own = owned(customer, registration.token());
        if (own.isPresent() && registration.observed().isOlderThan(own.get().asOf())) {
            return new Registration(own.get(), Registration.Outcome.EXISTING);
        }
        Optional<Device> holder = holderBesides(customer, registration.token());
        if (isSuperseded(customer, registration.token(), registration.observed())) {
            Device superseded = own.map(known -> known.removed(RemovalReason.TRANSFERRED, registration.observed(), now))
                    .orElseGet(() -> Device.superseded(newIds.get(), customer, registration, now));
            bringIntoBeing(customer);
            put(superseded);
            return new Registration(
                    superseded, own.isPresent() ? Registration.Outcome.EXISTING : Registration.Outcome.SUPERSEDED);
        }
        Device device = own.map(known -> known.registeredAgain(registration, now))
                .orElseGet(() -> Device.registered(newIds.get(), customer, registration, now));
        requireRoom(own.orElse(null), device, limit);
        bringIntoBeing(customer);
        holder.ifPresent(other -> put(other.removed(RemovalReason.TRANSFERRED, registration.observed(), now)));
        put(device);
        return new Registration(device, outcome(own.orElse(null), device, holder.isPresent()));
    }

    /**
     * As {@link #register}, of a device that some record tells of, which unless it says when that was true is no sign of
     * life: an active device that is as the record has it stays so, unseen as it is, and one that is not active any more,
     * for whatever reason, does not come back.
     */
    public Registration bringIn(CustomerId customer, DeviceRegistration registration, int limit) {
        Optional<Device> own = owned(customer, registration.token());
        return own.isPresent()
                        && registration.observed().at() == null
                        && (!own.get().isActive() || own.get().is(registration))
                ? new Registration(own.get(), Registration.Outcome.EXISTING)
                : register(customer, registration, limit);
    }

    private static Registration.Outcome outcome(@Nullable Device known, Device device, boolean heldElsewhere) {
        if (heldElsewhere) {
            return Registration.Outcome.TRANSFERRED;
        }
        if (known == null) {
            return Registration.Outcome.CREATED;
        }
        if (!known.isActive()) {
            return Registration.Outcome.REACTIVATED;
        }
        return device.version() == known.version() ? Registration.Outcome.EXISTING : Registration.Outcome.CHANGED;
    }

    /**
     * Changes the device that the customer knows by a token, above all that token ("rotation"). A repeated call, whose
     * current token is gone and whose new one is there, finds the device as it is, and so does a late one.
     *
     * @throws UnknownTokenException if the customer has neither, or had the current one; nobody lost the new token then
     * @throws TooManyDevicesException if an invalid device would come back beyond the limit
     */
    public Device rotate(CustomerId customer, DeviceToken current, DeviceUpdate update, int limit) {
        Optional<Device> known = owned(customer, current);
        if (known.filter(Registry::isPresent).isPresent()) {
            return change(known.get(), update, limit);
        }
        return Optional.ofNullable(update.token())
                .flatMap(token -> owned(customer, token))
                .filter(Device::isActive)
                .or(() -> known.filter(removed -> update.observed().isOlderThan(removed.asOf())))
                .orElseThrow(UnknownTokenException::new);
    }

    /**
     * Changes a device of a customer. A late call finds it as it is.
     *
     * @throws UnknownDeviceException if the customer has no such device
     * @throws StaleVersionException if it has another version than the caller believes
     * @throws DeviceRemovedException if it is removed, and that is not newer than the call
     * @throws TooManyDevicesException if an invalid device would come back beyond the limit
     */
    public Device change(CustomerId customer, DeviceId id, Precondition precondition, DeviceUpdate update, int limit) {
        Device device = device(customer, id);
        precondition.require(device);
        if (!isPresent(device) && !update.observed().isOlderThan(device.asOf())) {
            throw new DeviceRemovedException(id);
        }
        return change(device, update, limit);
    }

    private Device change(Device device, DeviceUpdate update, int limit) {
        if (update.observed().isOlderThan(device.asOf())) {
            return device;
        }
        Device changed = device.changed(update, now);
        if (changed.token().equals(device.token())) {
            put(changed);
            return changed;
        }
        Optional<Device> replaced = owned(device.customer(), changed.token());
        Optional<Device> holder = holderBesides(device.customer(), changed.token());
        if (replaced.isPresent() && update.observed().isOlderThan(replaced.get().asOf())) {
            changed = changed.inPlaceOf(replaced.get(), now);
        }
        if (changed.isActive() && isSuperseded(device.customer(), changed.token(), update.observed())) {
            changed = changed.removed(RemovalReason.TRANSFERRED, update.observed(), now);
        }
        // The one whose place it takes leaves room, if it was active.
        if (replaced.filter(Device::isActive).isEmpty()) {
            requireRoom(device, changed, limit);
        }
        if (changed.isActive()) {
            holder.ifPresent(other -> put(other.removed(RemovalReason.TRANSFERRED, update.observed(), now)));
        }
        replaced.ifPresent(other -> put(other.removed(RemovalReason.REPLACED, update.observed(), now)));
        put(changed);
        return changed;
    }

    /**
     * Removes a device of a customer. One that is removed already stays so, with its reason and version; only what is
     * late from now on is told by this call.
     *
     * @throws UnknownDeviceException if the customer has no such device
     * @throws StaleVersionException if it has another version than the caller believes, and, if it is removed, did not
     *     have that one before
     */
    public void remove(CustomerId customer, DeviceId id, Precondition precondition) {
        Device device = device(customer, id);
        precondition.requireForRemoval(device);
        remove(device, Observation.ON_ARRIVAL);
    }

    /** Removes the device that the customer knows by a token, if there is one: a late logout is nobody else's matter. */
    public void remove(CustomerId customer, DeviceToken token, Observation observed) {
        owned(customer, token).ifPresent(device -> remove(device, observed));
    }

    private void remove(Device device, Observation observed) {
        if (!observed.isOlderThan(device.asOf())) {
            // Of one that is removed already only the time moves, so that what was true before is late from now on.
            RemovalReason reason = Objects.requireNonNullElse(device.removalReason(), RemovalReason.DEREGISTERED);
            put(device.removed(reason, observed, now));
        }
    }

    /** What became of a report that a token is dead. */
    public enum ReportOutcome {
        INVALIDATED,
        /** The device was seen, or changed, after the report's time or too shortly before it. */
        IGNORED,
        /** Nobody holds the token. */
        UNKNOWN
    }

    /** Notes that pushes to a token do not arrive. */
    public ReportOutcome reportInvalid(DeviceToken token, InvalidReason reason, Observation observed) {
        Optional<Device> holder =
                holder(inScope(scope.tokens(), new Scope.Token(null, token)).token());
        if (holder.isEmpty()) {
            return ReportOutcome.UNKNOWN;
        }
        Device after = holder.get().foundDead(reason, observed, now);
        put(after);
        return after.isActive() ? ReportOutcome.IGNORED : ReportOutcome.INVALIDATED;
    }

    /**
     * Makes a device {@code INVALID(STALE)} if it is active and unseen for longer than the age of its type; a type without
     * one never grows stale.
     *
     * @return whether it did
     */
    public boolean expire(DeviceId id, Map<DeviceType, Duration> ages) {
        Device device = devices.get(inScope(scope.devices(), id));
        Duration age = device == null ? null : ages.get(device.type());
        if (device == null || age == null) {
            return false;
        }
        Device after = device.expired(age, now);
        put(after);
        return !after.equals(device);
    }

    /** A customer with its profile, and whether it is new. */
    public record DescribedCustomer(Customer customer, boolean created) {}

    /** Merges the update into the customer's profile; the customer is brought into being if need be. */
    public DescribedCustomer describe(CustomerId id, ProfileUpdate update) {
        bringIntoBeing(id);
        Customer customer = Objects.requireNonNull(customers.get(id)).described(update, by, now);
        customers.put(id, customer);
        return new DescribedCustomer(customer, !customersBefore.containsKey(id));
    }

    /** Whether there was nothing that it was given: no customer, no device, and nobody who had a token. */
    public boolean wasEmpty() {
        return customersBefore.isEmpty() && before.isEmpty() && formerHolders.isEmpty();
    }

    /** Whether any device is known of those that the scope asks for. */
    public boolean knowsDevices() {
        return !before.isEmpty();
    }

    /**
     * What is to be stored, in an order in which no token is held twice at any step, if at most one device was rotated:
     * those that are not active come first.
     */
    public List<Change> changedDevices() {
        return Stream.concat(
                        changes.values().stream()
                                .filter(change -> !change.after().isActive()),
                        changes.values().stream()
                                .filter(change -> change.after().isActive()))
                .toList();
    }

    /** Customers that are new or whose profile changed. */
    public List<Customer> changedCustomers() {
        return customers.values().stream()
                .filter(customer -> !customer.equals(customersBefore.get(customer.id())))
                .toList();
    }

    private Device device(CustomerId customer, DeviceId id) {
        return Optional.ofNullable(devices.get(inScope(scope.devices(), id)))
                .filter(device -> device.customer().equals(customer))
                .orElseThrow(() -> new UnknownDeviceException(id));
    }

    private Optional<Device> owned(CustomerId customer, DeviceToken token) {
        Scope.Token key = inScope(scope.tokens(), new Scope.Token(customer, token));
        return Optional.ofNullable(owned.get(key)).map(devices::get);
    }

    private Optional<Device> holder(DeviceToken token) {
        return Optional.ofNullable(holders.get(token)).map(devices::get);
    }

    private Optional<Device> holderBesides(CustomerId customer, DeviceToken token) {
        return holder(token).filter(device -> !device.customer().equals(customer));
    }

    /**
     * Whether another customer was seen with the token after what a message says was true. Of the customer's own device with
     * it the message is not older, or it would not have come so far.
     */
    private boolean isSuperseded(CustomerId customer, DeviceToken token, Observation observed) {
        if (observed.at() == null) {
            return false;
        }
        requireInScope(scope.formerHolders());
        Stream<Instant> loaded = Stream.ofNullable(formerHolders.get(token));
        Stream<Instant> known = devices.values().stream()
                .filter(device -> device.hasToken() && device.token().equals(token))
                .filter(device -> !device.customer().equals(customer))
                .map(Device::lastSeenAt);
        return Stream.concat(loaded, known).anyMatch(observed::isOlderThan);
    }

    private static boolean isPresent(Device device) {
        return device.status() != DeviceStatus.REMOVED;
    }

    private void requireRoom(@Nullable Device known, Device device, int limit) {
        if (device.isActive() && (known == null || !known.isActive())) {
            int active = activeDevices.getOrDefault(inScope(scope.customers(), device.customer()), 0);
            if (active >= limit) {
                throw new TooManyDevicesException(device.customer(), limit);
            }
        }
    }

    private void bringIntoBeing(CustomerId id) {
        customers.computeIfAbsent(inScope(scope.customers(), id), missing -> Customer.brought(missing, by, now));
    }

    private void put(Device after) {
        Device known = devices.get(after.id());
        if (after.equals(known)) {
            return;
        }
        if (known != null) {
            owned.remove(new Scope.Token(known.customer(), known.token()), known.id());
            holders.remove(known.token(), known.id());
        }
        activeDevices.merge(
                after.customer(),
                (after.isActive() ? 1 : 0) - (known != null && known.isActive() ? 1 : 0),
                Integer::sum);
        enter(after);
        changes.remove(after.id());
        changes.put(after.id(), new Change(before.get(after.id()), after));
    }

    private void enter(Device device) {
        devices.put(device.id(), device);
        if (device.hasToken()) {
            owned.put(new Scope.Token(device.customer(), device.token()), device.id());
        }
        if (device.isActive()) {
            holders.put(device.token(), device.id());
        }
    }

    /** What was not loaded would look as if it were not there. */
    private static <T> T inScope(Collection<T> part, T asked) {
        requireInScope(part.contains(asked));
        return asked;
    }

    private static void requireInScope(boolean inScope) {
        if (!inScope) {
            throw new IllegalStateException("A change asked for something outside of its scope");
        }
    }
}
