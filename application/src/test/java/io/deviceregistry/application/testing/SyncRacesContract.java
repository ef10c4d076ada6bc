package io.deviceregistry.application.testing;

import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.SyncLedger;
import io.deviceregistry.application.port.out.SyncTask;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.Erasure;
import io.deviceregistry.domain.Precondition;
import io.deviceregistry.domain.RegistryException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a provider learns, by way of any {@link SyncLedger}, of all that can happen at the same time. */
public abstract class SyncRacesContract extends RegistryContract {
    private final List<CustomerId> customers =
            Stream.generate(Examples::aCustomer).limit(4).toList();
    private final List<DeviceToken> tokens =
            Stream.generate(Examples::aToken).limit(6).toList();
    private final Queue<Erasure> receipts = new ConcurrentLinkedQueue<>();

    /** The devices that the provider knows, each by one token. */
    private final Map<DeviceId, DeviceToken> known = new HashMap<>();

    /** One call to the provider, as its answer is recorded afterwards. */
    private boolean syncNext() {
        Optional<SyncLease> next = tryLease();
        next.ifPresent(lease -> {
            tell(lease);
            confirm(lease);
        });
        return next.isPresent();
    }

    private void syncRest() {
        boolean more;
        do {
            more = syncNext();
        } while (more);
    }

    private synchronized void tell(SyncLease lease) {
        for (SyncTask task : lease.tasks()) {
            Device device = task.device();
            known.remove(device.id());
            if (device.isActive()) {
                assertThat(known.values()).doesNotContain(device.token());
                known.put(device.id(), device.token());
            }
        }
    }

    private void erase(CustomerId customer) {
        ports().customers().erase(Examples.CALLER, customer).ifPresent(receipts::add);
    }

    private static void allowed(Runnable action) {
        try {
            action.run();
        } catch (RegistryException e) {
            // Another was faster.
        }
    }

    /** Rotations go to tokens that nobody has: only devices that took over each other's tokens do not wait. */
    private void anything(Random random) {
        CustomerId who = customers.get(random.nextInt(customers.size()));
        DeviceToken token = tokens.get(random.nextInt(tokens.size()));
        switch (random.nextInt(12)) {
            case 0, 1, 2, 3 -> register(who, android(token));
            case 4 -> rotate(who, token, aToken());
            case 5 -> remove(who, token);
            case 6 -> devicesOf(who).stream().findAny().ifPresent(device -> remove(device, Precondition.NONE));
            case 7 -> erase(who);
            case 8 -> ports().upkeep().finishErasures(10);
            case 9 -> ports().upkeep().purgeRemovedDevices(Duration.ZERO, 10);
            default -> syncNext();
        }
    }

    @Test
    void claims_at_the_same_moment_each_get_as_many_customers_as_they_ask_for() {
        int claims = 6;
        int most = 16;
        for (int i = 0; i < claims * most; i++) {
            register(aCustomer(), android(aToken()));
        }

        List<Integer> customersOfEach = Crowd.atOnce(
                claims,
                _ -> ports().ledger()
                        .lease(provider, SyncLane.FRESH, Duration.ofMinutes(1), most)
                        .size());

        assertThat(customersOfEach).hasSize(claims).containsOnly(most);
    }

    @Test
    void a_provider_never_knows_two_devices_by_one_token_and_in_the_end_knows_all() {
        Crowd.atOnce(1_500, i -> {
            allowed(() -> anything(new Random(i)));
            return i;
        });

        syncRest();
        Collection<DeviceToken> active = customers.stream()
                .flatMap(customer -> devicesOf(customer).stream())
                .map(Device::token)
                .toList();
        assertThat(known.values()).containsExactlyInAnyOrderElementsOf(active);

        customers.forEach(this::erase);
        syncRest();
        ports().upkeep().finishErasures(1_000);
        assertThat(known).isEmpty();
        assertThat(receipts)
                .allSatisfy(receipt -> assertThat(ports().customers().erasure(receipt.id()))
                        .get()
                        .satisfies(end -> assertThat(end.completedAt()).isNotNull()));
        assertThat(customers)
                .allSatisfy(one -> assertThat(ports().customers().customer(one)).isEmpty());
    }
}
