package io.deviceregistry.application.testing;

import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aToken;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.application.port.out.DeviceProvider;
import io.deviceregistry.application.port.out.Holding;
import io.deviceregistry.application.port.out.Outcome;
import io.deviceregistry.application.port.out.ProviderCall;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

/**
 * What every {@link DeviceProvider} does. A subclass stands for the outside system: it says how that system behaves next.
 */
public abstract class DeviceProviderContract {

    /** How the outside system answers from now on. */
    public enum Remote {
        ACCEPTS,
        REFUSES_THE_DEVICE,
        HAS_NO_SUCH_CUSTOMER,
        /** Wants a pause of seven seconds. */
        THROTTLES,
        REFUSES_OUR_CREDENTIALS,
        /** Fails after the request arrived. */
        FAILS,
        ANSWERS_RUBBISH,
        CLOSES_THE_CONNECTION,
        ANSWERS_TOO_LATE,
        /** Begins its answer in time, and never comes to its end. */
        ANSWERS_DROP_BY_DROP,
        CANNOT_BE_REACHED
    }

    protected abstract DeviceProvider provider();

    protected abstract void remote(Remote behaviour);

    /** A type that the provider supports. */
    protected abstract DeviceType supportedType();

    private Device device(CustomerId customer) {
        return Device.registered(
                new DeviceId(UUID.randomUUID()),
                customer,
                new DeviceRegistration(supportedType(), aToken(), null),
                Instant.EPOCH);
    }

    private ProviderCall.Create twoDevices() {
        CustomerId customer = aCustomer();
        return new ProviderCall.Create(customer, List.of(device(customer), device(customer)));
    }

    @Test
    void it_states_its_limits() {
        assertThat(provider().supports(supportedType())).isTrue();
        assertThat(provider().supports(new DeviceType("sundial"))).isFalse();
        assertThat(provider().maxDevicesPerCall()).isPositive();
        assertThat(provider().requestsPerMinute()).isNotNegative();
        assertThat(provider().callDeadline()).isPositive();
    }

    @Test
    void accepted_devices_come_with_ids_of_their_own() {
        remote(Remote.ACCEPTS);
        ProviderCall.Create call = twoDevices();

        var outcomes = provider().apply(call);

        assertThat(outcomes).containsOnlyKeys(call.devices());
        assertThat(outcomes.values())
                .allSatisfy(outcome -> assertThat(outcome).isInstanceOf(Outcome.Accepted.class))
                .doesNotHaveDuplicates();
    }

    @Test
    void a_change_is_accepted() {
        remote(Remote.ACCEPTS);
        Device device = device(aCustomer());

        var outcomes = provider().apply(new ProviderCall.Update(device, new Holding("r1", supportedType(), aToken())));

        assertThat(outcomes.get(device.id())).isInstanceOf(Outcome.Accepted.class);
    }

    @Test
    void a_retirement_is_accepted_or_known_to_be_impossible() {
        remote(Remote.ACCEPTS);
        Device device = Examples.transferredAway(device(aCustomer()), Instant.EPOCH);

        var outcomes = provider().apply(new ProviderCall.Retire(device, device.token()));

        assertThat(outcomes.get(device.id())).isInstanceOfAny(Outcome.Accepted.class, Outcome.Unsupported.class);
    }

    @Test
    void a_refusal_is_definite() {
        everyDevice(Remote.REFUSES_THE_DEVICE, Outcome.Rejected.class);
    }

    @Test
    void an_unknown_customer_is_told() {
        everyDevice(Remote.HAS_NO_SUCH_CUSTOMER, Outcome.CustomerUnknown.class);
    }

    @Test
    void a_wish_for_a_pause_is_told_with_its_length() {
        remote(Remote.THROTTLES);

        assertThat(provider().apply(twoDevices()).values())
                .allSatisfy(outcome -> assertThat(outcome)
                        .asInstanceOf(InstanceOfAssertFactories.type(Outcome.Throttled.class))
                        .satisfies(
                                throttled -> assertThat(throttled.retryAfter()).isEqualTo(Duration.ofSeconds(7))));
    }

    @Test
    void refused_credentials_are_not_the_devices_fault() {
        everyDevice(Remote.REFUSES_OUR_CREDENTIALS, Outcome.Unauthorized.class);
    }

    @Test
    void a_failure_of_the_remote_is_unconfirmed() {
        everyDevice(Remote.FAILS, Outcome.Unconfirmed.class);
    }

    @Test
    void an_unreadable_answer_is_unconfirmed() {
        everyDevice(Remote.ANSWERS_RUBBISH, Outcome.Unconfirmed.class);
    }

    @Test
    void a_connection_lost_after_sending_is_unconfirmed() {
        everyDevice(Remote.CLOSES_THE_CONNECTION, Outcome.Unconfirmed.class);
    }

    @Test
    void an_answer_after_the_deadline_is_unconfirmed_and_not_waited_for() {
        long start = System.nanoTime();

        everyDevice(Remote.ANSWERS_TOO_LATE, Outcome.Unconfirmed.class);

        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isLessThanOrEqualTo(provider().callDeadline().plusSeconds(1));
    }

    @Test
    void an_answer_that_never_ends_is_unconfirmed_and_not_waited_for() {
        long start = System.nanoTime();

        everyDevice(Remote.ANSWERS_DROP_BY_DROP, Outcome.Unconfirmed.class);

        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isLessThanOrEqualTo(provider().callDeadline().plusSeconds(1));
    }

    @Test
    void a_remote_that_cannot_be_reached_has_applied_nothing() {
        everyDevice(Remote.CANNOT_BE_REACHED, Outcome.NotApplied.class);
    }

    private void everyDevice(Remote behaviour, Class<? extends Outcome> expected) {
        remote(behaviour);
        ProviderCall.Create call = twoDevices();

        var outcomes = provider().apply(call);

        assertThat(outcomes).containsOnlyKeys(call.devices());
        assertThat(outcomes.values()).allSatisfy(outcome -> assertThat(outcome).isInstanceOf(expected));
    }
}
