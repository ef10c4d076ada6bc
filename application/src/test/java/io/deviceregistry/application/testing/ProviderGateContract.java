package io.deviceregistry.application.testing;

import static io.deviceregistry.application.testing.Examples.ANOTHER_CALLER;
import static io.deviceregistry.application.testing.Examples.CALLER;
import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aProvider;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.application.port.out.ProviderGate;
import io.deviceregistry.application.port.out.ProviderGate.Breaker;
import io.deviceregistry.application.port.out.ProviderGate.Pause;
import io.deviceregistry.application.port.out.ProviderGate.PauseReason;
import io.deviceregistry.application.port.out.ProviderGate.Permit;
import io.deviceregistry.application.port.out.ProviderGate.Suspension;
import io.deviceregistry.application.port.out.ProviderGate.Traffic;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.ProviderId;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What every {@link ProviderGate} does. */
public abstract class ProviderGateContract {
    private static final Duration PATIENT = Duration.ofHours(1);

    /** Short enough to be waited for. */
    private static final Duration SHORT = Duration.ofMillis(500);

    private static final Breaker BREAKER = new Breaker(3, Duration.ofMinutes(1));

    private final ProviderId provider = aProvider();

    protected abstract ProviderGate gate();

    private static Duration waitOf(Permit permit) {
        return assertThat(permit)
                .asInstanceOf(InstanceOfAssertFactories.type(Permit.Granted.class))
                .actual()
                .in();
    }

    @Test
    void permits_are_spaced_so_that_no_minute_exceeds_the_limit() {
        long start = System.nanoTime();
        for (int i = 0; i < 60; i++) {
            gate().reserve(provider, 60, PATIENT);
        }

        Duration wait = waitOf(gate().reserve(provider, 60, PATIENT));

        // Counted from the first request, however long it took to ask.
        assertThat(wait.plusNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(60));
        assertThat(wait).isLessThan(Duration.ofSeconds(62));
    }

    @Test
    void the_first_permit_after_a_rest_is_granted_at_once() {
        assertThat(waitOf(gate().reserve(provider, 60, Duration.ZERO))).isZero();
    }

    @Test
    void nothing_is_reserved_beyond_the_patience() {
        gate().reserve(provider, 6, PATIENT);

        Permit second = gate().reserve(provider, 6, Duration.ofSeconds(1));

        assertThat(second)
                .asInstanceOf(InstanceOfAssertFactories.type(Permit.Closed.class))
                .satisfies(closed ->
                        assertThat(closed.retryIn()).isBetween(Duration.ofSeconds(8), Duration.ofMillis(10_300)));
        assertThat(waitOf(gate().reserve(provider, 6, PATIENT))).isLessThan(Duration.ofMillis(10_300));
    }

    @Test
    void without_a_limit_nobody_waits() {
        for (int i = 0; i < 100; i++) {
            assertThat(waitOf(gate().reserve(provider, 0, Duration.ZERO))).isZero();
        }
    }

    @Test
    void a_pause_closes_the_gate_for_its_time_limit_or_not() {
        gate().pause(provider, Duration.ofMinutes(1), PauseReason.THROTTLED);

        assertThat(gate().reserve(provider, 0, PATIENT))
                .asInstanceOf(InstanceOfAssertFactories.type(Permit.Closed.class))
                .satisfies(closed ->
                        assertThat(closed.retryIn()).isBetween(Duration.ofSeconds(50), Duration.ofSeconds(60)));
    }

    @Test
    void a_shorter_pause_does_not_open_the_gate_earlier() {
        gate().pause(provider, Duration.ofMinutes(1), PauseReason.THROTTLED);
        gate().pause(provider, Duration.ofMillis(1), PauseReason.UNAUTHORIZED);

        assertThat(gate().reserve(provider, 0, PATIENT)).isInstanceOf(Permit.Closed.class);
    }

    @Test
    void the_gate_opens_when_the_pause_is_over() {
        gate().pause(provider, Duration.ofMillis(200), PauseReason.THROTTLED);
        Callable<Permit> asking = () -> gate().reserve(provider, 60, PATIENT);

        Awaitility.await().atMost(10, TimeUnit.SECONDS).until(asking, Permit.Granted.class::isInstance);
    }

    @Test
    void failures_of_different_customers_in_a_row_open_the_breaker() {
        failures(BREAKER.threshold() - 1);
        assertThat(gate().pauseOf(provider)).isEmpty();

        failures(1);

        assertThat(gate().pauseOf(provider)).hasValueSatisfying(pause -> {
            assertThat(pause.reason()).isEqualTo(PauseReason.FAILING);
            assertThat(pause.remaining()).isBetween(Duration.ofSeconds(50), Duration.ofMinutes(1));
        });
        assertThat(gate().reserve(provider, 60, PATIENT)).isInstanceOf(Permit.Closed.class);
    }

    private void failures(int count) {
        for (int i = 0; i < count; i++) {
            gate().failed(provider, aCustomer(), BREAKER);
        }
    }

    @Test
    void one_customers_failures_open_no_breaker_however_many() {
        CustomerId customer = aCustomer();

        for (int i = 0; i < 10; i++) {
            gate().failed(provider, customer, BREAKER);
        }

        assertThat(gate().pauseOf(provider)).isEmpty();
    }

    @Test
    void a_success_in_between_makes_the_failures_count_anew() {
        failures(BREAKER.threshold() - 1);
        assertThat(gate().reserve(provider, 0, PATIENT)).isEqualTo(new Permit.Granted(Duration.ZERO, true));
        gate().recovered(provider);

        failures(BREAKER.threshold() - 1);

        assertThat(gate().pauseOf(provider)).isEmpty();
    }

    @Test
    void while_the_breaker_is_open_one_probe_goes_in_each_interval() {
        gate().open(provider, SHORT, PauseReason.UNAUTHORIZED);
        Callable<Permit> asking = () -> gate().reserve(provider, 0, PATIENT);

        Permit probe = Awaitility.await().atMost(10, TimeUnit.SECONDS).until(asking, Permit.Granted.class::isInstance);

        assertThat(probe).isEqualTo(new Permit.Granted(Duration.ZERO, true));
        assertThat(gate().reserve(provider, 0, PATIENT)).isInstanceOf(Permit.Closed.class);
        Awaitility.await().atMost(10, TimeUnit.SECONDS).until(asking, Permit.Granted.class::isInstance);
    }

    @Test
    void a_recovery_closes_the_breaker() {
        gate().open(provider, Duration.ofMinutes(1), PauseReason.UNAUTHORIZED);

        gate().recovered(provider);

        for (int i = 0; i < 3; i++) {
            assertThat(gate().reserve(provider, 0, PATIENT)).isEqualTo(new Permit.Granted(Duration.ZERO, false));
        }
    }

    @Test
    void a_recovery_does_not_end_what_the_provider_asked_for() {
        gate().pause(provider, Duration.ofMinutes(1), PauseReason.THROTTLED);

        gate().recovered(provider);

        assertThat(gate().reserve(provider, 0, PATIENT)).isInstanceOf(Permit.Closed.class);
    }

    @Test
    void a_suspended_provider_rests_until_it_is_resumed() {
        gate().suspend(CALLER, provider);
        gate().recovered(provider);

        assertThat(gate().reserve(provider, 0, PATIENT)).isInstanceOf(Permit.Closed.class);
        assertThat(gate().pauseOf(provider))
                .hasValueSatisfying(pause -> assertThat(pause)
                        .returns(null, Pause::remaining)
                        .returns(PauseReason.SUSPENDED, Pause::reason));

        gate().resume(provider);
        gate().resume(provider);

        assertThat(gate().pauseOf(provider)).isEmpty();
        assertThat(gate().reserve(provider, 60, PATIENT)).isInstanceOf(Permit.Granted.class);
    }

    private Suspension suspended(Caller by) {
        gate().suspend(by, provider);
        return gate().pauseOf(provider).map(Pause::suspension).orElseThrow();
    }

    @Test
    void of_a_suspension_it_is_known_who_was_first_to_ask_for_it_and_when() {
        Suspension first = suspended(CALLER);

        assertThat(suspended(ANOTHER_CALLER)).isEqualTo(first);
        assertThat(first.by()).isEqualTo(CALLER);

        gate().resume(provider);

        Suspension second = suspended(ANOTHER_CALLER);
        assertThat(second.by()).isEqualTo(ANOTHER_CALLER);
        assertThat(second.since()).isAfterOrEqualTo(first.since());
    }

    @Test
    void a_pause_that_nobody_asked_for_names_nobody() {
        gate().pause(provider, Duration.ofMinutes(1), PauseReason.THROTTLED);

        assertThat(gate().pauseOf(provider))
                .hasValueSatisfying(pause -> assertThat(pause.suspension()).isNull());
    }

    @Test
    void resuming_leaves_a_pause_as_it_is() {
        gate().pause(provider, Duration.ofMinutes(1), PauseReason.THROTTLED);
        gate().suspend(CALLER, provider);

        gate().resume(provider);

        assertThat(gate().pauseOf(provider))
                .hasValueSatisfying(pause -> assertThat(pause.reason()).isEqualTo(PauseReason.THROTTLED));
    }

    @Test
    void requests_are_counted_by_the_minute() {
        gate().count(provider, 3, 1);
        gate().count(provider, 4, 0);

        List<Traffic> traffic = gate().traffic(provider);

        // The minute may have ended in between.
        assertThat(traffic).hasSizeBetween(1, 2);
        assertThat(traffic.stream().mapToLong(Traffic::sent).sum()).isEqualTo(7);
        assertThat(traffic.stream().mapToLong(Traffic::failed).sum()).isEqualTo(1);
        assertThat(traffic).extracting(Traffic::minute).isSortedAccordingTo(Comparator.reverseOrder());
        assertThat(gate().traffic(aProvider())).isEmpty();
    }

    @Test
    void providers_do_not_share_a_gate() {
        gate().pause(provider, Duration.ofMinutes(1), PauseReason.THROTTLED);

        assertThat(gate().reserve(aProvider(), 60, PATIENT)).isInstanceOf(Permit.Granted.class);
    }
}
