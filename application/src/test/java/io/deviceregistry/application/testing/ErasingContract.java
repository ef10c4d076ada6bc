package io.deviceregistry.application.testing;

import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.application.port.out.CustomerQuery;
import io.deviceregistry.domain.Customer;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.Erasure;
import io.deviceregistry.domain.Erasure.AtProvider;
import java.util.List;
import java.util.Set;

/** One customer who is erased, and what is left. */
abstract class ErasingContract extends RegistryContract {
    final CustomerId customer = aCustomer();
    final DeviceToken token = aToken();

    final Erasure erase() {
        return ports().customers().erase(Examples.CALLER, customer).orElseThrow();
    }

    /** The receipt after all that can be finished is. */
    final Erasure finished(Erasure erasure) {
        ports().upkeep().finishErasures(1_000);
        return receipt(erasure);
    }

    final Erasure receipt(Erasure erasure) {
        return ports().customers().erasure(erasure.id()).orElseThrow();
    }

    final Device synced(DeviceToken known) {
        Device device = registered(customer, android(known));
        confirm(lease());
        return device;
    }

    final AtProvider confirmed(int devices) {
        return new AtProvider(provider, devices, 0, 0, 0);
    }

    final AtProvider pending(int devices) {
        return new AtProvider(provider, 0, devices, 0, 0);
    }

    final List<Customer> listed() {
        return ports().customers()
                .customers(new CustomerQuery(Set.of(customer), null, null, 1))
                .items();
    }

    final void nothingIsLeft() {
        assertThat(ports().customers().customer(customer)).isEmpty();
        assertThat(listed()).isEmpty();
        assertThat(Search.all().of(customer).in(ports().devices())).isEmpty();
        assertThat(tryLease()).isEmpty();
    }
}
