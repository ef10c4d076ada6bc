package io.deviceregistry.application.testing;

import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.application.port.out.Settlement;
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
import io.deviceregistry.domain.SyncReason;
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
    private static final Settlement.Verdict UNANSWERED =
            new Settlement.Retry(Duration.ZERO, Settlement.Doubt.NEW, false, SyncReason.UNREACHABLE, "no answer");

    private final List<CustomerId> customers =
            Stream.generate(Examples::aCustomer).limit(4).toList();
    private final List<DeviceToken> tokens =
            Stream.generate(Examples::aToken).limit(6).toList();
    private final Queue<Erasure> receipts = new ConcurrentLinkedQueue<>();

    /** The devices that the provider knows, each by one token. */
    private final Map<DeviceId, DeviceToken> known = new HashMap<>();

    /** One call to the provider, as its answer is recorded afterwards. */
    private void sync(SyncLease lease) {
        tell(lease);
        confirm(lease);
    }

    private boolean syncNext() {
        Optional<SyncLease> next = tryLease();
        next.ifPresent(this::sync);
        return next.isPresent();
    }

    /**
     * One call to the provider, of which anything may become: it is heard or not, its answer arrives or not, and who made it
     * may die of it, or come too late to call at all.
     */
    private void syncNext(Random random) {
        boolean dies = random.nextInt(6) == 0;
        boolean heard = random.nextInt(3) > 0;
        boolean answered = random.nextInt(3) > 0;
        Duration lasting = dies ? SHORT : LONG;
        long lastMoment = System.nanoTime() + lasting.dividedBy(2).toNanos();
        ports().ledger().lease(provider, SyncLane.FRESH, lasting, 1).forEach(lease -> {
            if (heard) {
                tellInTime(lease, lastMoment);
            }
            if (heard && answered && !dies) {
                confirm(lease);
            } else if (!dies) {
                settle(lease, UNANSWERED);
            }
        });
    }

    private synchronized void tellInTime(SyncLease lease, long lastMoment) {
        if (System.nanoTime() - lastMoment < 0) {
            tell(lease);
        }
    }

    private void syncRest() {
        boolean more;
        do {
            more = syncNext();
        } while (more);
    }

    /** Leases of those who died have to run out. */
    private void awaitAllSynced() {
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            syncRest();
            assertThat(ports().ledger().totals(provider).pending()).isEmpty();
        });
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
            default -> syncNext(random);
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

    /**
     * Again and again, for it takes a registration that commits while a claim looks: the customers who lost their tokens
     * come back with them at that moment, and their devices, told as gone so far, must wait for those who had the tokens
     * last.
     */
    @Test
    void a_device_that_takes_its_token_back_while_it_is_claimed_waits_for_whom_it_takes_it_from() {
        int rivals = 20;
        List<CustomerId> losers =
                Stream.generate(Examples::aCustomer).limit(rivals).toList();
        List<CustomerId> takers =
                Stream.generate(Examples::aCustomer).limit(rivals).toList();
        List<DeviceToken> contested =
                Stream.generate(Examples::aToken).limit(rivals).toList();

        for (int round = 0; round < 12; round++) {
            registerAll(takers, contested);
            syncRest();
            registerAll(losers, contested);
            registerAll(takers, contested);

            List<SyncLease> claimed = Crowd.atOnce(rivals + 1, i -> {
                        if (i == rivals / 2) {
                            return ports().ledger().lease(provider, SyncLane.FRESH, LONG, 2 * rivals);
                        }
                        int rival = i < rivals / 2 ? i : i - 1;
                        register(losers.get(rival), android(contested.get(rival)));
                        return List.<SyncLease>of();
                    })
                    .stream()
                    .flatMap(List::stream)
                    .toList();

            assertThat(claimed)
                    .flatExtracting(SyncLease::tasks)
                    .allSatisfy(task -> assertThat(task.device().isActive()).isFalse());
            claimed.forEach(this::sync);
        }
    }

    private void registerAll(List<CustomerId> customers, List<DeviceToken> tokens) {
        for (int i = 0; i < tokens.size(); i++) {
            register(customers.get(i), android(tokens.get(i)));
        }
    }

    @Test
    void a_provider_never_knows_two_devices_by_one_token_and_in_the_end_knows_all() {
        Crowd.atOnce(1_500, i -> {
            allowed(() -> anything(new Random(i)));
            return i;
        });

        awaitAllSynced();
        Collection<DeviceToken> active = customers.stream()
                .flatMap(customer -> devicesOf(customer).stream())
                .map(Device::token)
                .toList();
        assertThat(known.values()).containsExactlyInAnyOrderElementsOf(active);

        customers.forEach(this::erase);
        awaitAllSynced();
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
