package io.deviceregistry.application.testing;

import io.deviceregistry.application.port.out.DeviceQuery;
import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.Traces;
import io.deviceregistry.application.port.out.Writing;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.DeviceUpdate;
import io.deviceregistry.domain.Observation;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.Registration;
import io.deviceregistry.domain.RemovalReason;
import io.deviceregistry.domain.Scope;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Customers and devices for tests. Every call makes a new one, so tests may share a store. */
public final class Examples {
    private static final AtomicLong NEXT = new AtomicLong(System.nanoTime());

    public static final DeviceType ANDROID = new DeviceType("android");
    public static final DeviceType IOS = new DeviceType("ios");

    /** To the microsecond, at the end of a day that not every year has. */
    public static final Instant LONG_AGO = Instant.parse("2020-02-29T23:59:59.999999Z");

    private Examples() {}

    public static CustomerId aCustomer() {
        return new CustomerId("customer-" + NEXT.incrementAndGet());
    }

    public static DeviceToken aToken() {
        return new DeviceToken("token-" + NEXT.incrementAndGet());
    }

    public static ProviderId aProvider() {
        return new ProviderId("p" + NEXT.incrementAndGet());
    }

    public static DeviceType aType() {
        return new DeviceType("type-" + NEXT.incrementAndGet());
    }

    /** True so long ago that every clock agrees. */
    public static Observation longAgo() {
        return new Observation(LONG_AGO);
    }

    /** Who changes things where it does not matter. */
    public static final Caller CALLER = new Caller("somebody");

    public static final Caller ANOTHER_CALLER = new Caller("somebody-else");

    /** Follows nothing. */
    public static final Traces UNTRACED = new Traces() {
        @Override
        public @Nullable String current() {
            return null;
        }

        @Override
        public <T> T following(SyncLease lease, Supplier<T> work) {
            return work.get();
        }
    };

    /** What somebody wants written at once, and told to these. */
    public static Writing writing(Set<ProviderId> providers) {
        return writing(CALLER, providers);
    }

    public static Writing writing(Caller by, Set<ProviderId> providers) {
        return new Writing(by, providers, SyncLane.FRESH, null);
    }

    /** The most active devices that a customer may have in tests that are not about that. */
    public static final int MANY = 1_000;

    /** Registers devices of a customer in one change. */
    public static List<Registration> register(
            DeviceStore store, CustomerId customer, List<DeviceRegistration> devices, Set<ProviderId> providers) {
        return store.change(
                writing(providers),
                Scope.EMPTY.withRegistrations(customer, devices),
                registry -> devices.stream()
                        .map(device -> registry.register(customer, device, MANY))
                        .toList());
    }

    /** The devices of a customer that are not removed. */
    public static List<Device> devicesOf(DeviceStore store, CustomerId customer) {
        return store.devices(DeviceQuery.ofCustomer(
                        customer, EnumSet.complementOf(EnumSet.of(DeviceStatus.REMOVED)), null, MANY))
                .items();
    }

    /** The device after another customer registered its token. */
    public static Device transferredAway(Device device, Instant now) {
        return device.removed(RemovalReason.TRANSFERRED, Observation.ON_ARRIVAL, now);
    }

    public static DeviceRegistration android(DeviceToken token) {
        return new DeviceRegistration(ANDROID, token, null);
    }

    public static DeviceRegistration android(DeviceToken token, Observation observed) {
        return new DeviceRegistration(ANDROID, token, null, observed);
    }

    public static DeviceUpdate rotationTo(DeviceToken token) {
        return new DeviceUpdate(null, token, null, Observation.ON_ARRIVAL);
    }

    public static DeviceRegistration ios(DeviceToken token) {
        return new DeviceRegistration(IOS, token, null);
    }
}
