package io.deviceregistry.application.service;

import io.deviceregistry.application.port.in.ManageCustomers;
import io.deviceregistry.application.port.out.CustomerQuery;
import io.deviceregistry.application.port.out.CustomerStore;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.Customer;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.Erasure;
import io.deviceregistry.domain.ErasureId;
import io.deviceregistry.domain.Registry;
import io.deviceregistry.domain.Registry.DescribedCustomer;
import io.deviceregistry.domain.Scope;
import io.deviceregistry.domain.UnknownCustomerException;
import io.deviceregistry.domain.UnknownErasureException;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Describes customers, with their devices, and forgets them. */
public final class ManageCustomersService implements ManageCustomers {
    private final RegistryWriter writer;
    private final CustomerStore store;
    private final int maxDevices;
    private final Runnable wakeSync;

    /**
     * @param maxDevices the most active devices that a customer may have
     * @param wakeSync called after an erasure; must not block
     */
    public ManageCustomersService(RegistryWriter writer, CustomerStore store, int maxDevices, Runnable wakeSync) {
        this.writer = writer;
        this.store = store;
        this.maxDevices = maxDevices;
        this.wakeSync = wakeSync;
    }

    @Override
    public List<DescribedCustomer> describe(Caller by, List<Description> descriptions) {
        Scope scope = descriptions.stream()
                .reduce(
                        Scope.EMPTY,
                        (sum, one) -> sum.withRegistrations(one.customer(), one.devices()),
                        (one, _) -> one);
        Map<DeviceToken, DeviceRegistration> devices = DeviceRegistration.byToken(
                descriptions.stream().flatMap(one -> one.devices().stream()).toList());
        return writer.change(
                by,
                scope,
                registry -> descriptions.stream()
                        .map(one -> describe(registry, one, devices))
                        .toList());
    }

    private DescribedCustomer describe(
            Registry registry, Description description, Map<DeviceToken, DeviceRegistration> devices) {
        DescribedCustomer described = registry.describe(description.customer(), description.profile());
        for (DeviceRegistration entry : description.devices()) {
            registry.register(description.customer(), Objects.requireNonNull(devices.get(entry.token())), maxDevices);
        }
        return described;
    }

    @Override
    public Customer customer(CustomerId customer) {
        return store.customer(customer).orElseThrow(() -> new UnknownCustomerException(customer));
    }

    @Override
    public Page<Customer, CustomerId> customers(CustomerQuery query) {
        return store.customers(query);
    }

    @Override
    public Erasure erase(Caller by, CustomerId customer) {
        Erasure erasure = store.erase(by, customer).orElseThrow(() -> new UnknownCustomerException(customer));
        wakeSync.run();
        return erasure;
    }

    @Override
    public Erasure erasure(ErasureId erasure) {
        return store.erasure(erasure).orElseThrow(() -> new UnknownErasureException(erasure));
    }
}
