package io.deviceregistry.application.testing;

import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.ProviderId;
import java.util.concurrent.atomic.AtomicLong;

/** Customers and devices for tests. Every call makes a new one, so tests may share a store. */
public final class Examples {
    private static final AtomicLong NEXT = new AtomicLong(System.nanoTime());

    public static final DeviceType ANDROID = new DeviceType("android");
    public static final DeviceType IOS = new DeviceType("ios");

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

    public static DeviceRegistration android(DeviceToken token) {
        return new DeviceRegistration(ANDROID, token, null);
    }

    public static DeviceRegistration ios(DeviceToken token) {
        return new DeviceRegistration(IOS, token, null);
    }
}
