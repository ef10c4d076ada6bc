package io.deviceregistry.application.testing;

import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.deviceregistry.application.port.out.IdempotencyRecords;
import io.deviceregistry.application.port.out.IdempotencyRecords.Kept;
import io.deviceregistry.application.port.out.IdempotencyRecords.Slot;
import io.deviceregistry.application.port.out.RequestKey;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.SyncState;
import io.deviceregistry.domain.TooManyDevicesException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every {@link IdempotencyRecords} does. */
public abstract class IdempotencyRecordsContract extends RegistryContract {
    private static final byte[] REQUEST = "a request".getBytes(StandardCharsets.UTF_8);
    private static final byte[] OTHER_REQUEST = "another request".getBytes(StandardCharsets.UTF_8);
    private static final String ANSWER = "{\"text\": \"an answer, 漢字 😀\"}";

    private final RequestKey key = new RequestKey("caller", "POST /v1/things", aToken().value());
    private final CustomerId customer = aCustomer();

    private <T> Optional<T> exclusively(RequestKey wanted, Function<Slot, T> work) {
        return ports().answers().exclusively(wanted, work);
    }

    private void keep(RequestKey wanted, String answer) {
        exclusively(wanted, slot -> {
            slot.keep(REQUEST, answer);
            return answer;
        });
    }

    private Optional<Kept> kept(RequestKey wanted, byte[] request, Duration maxAge) {
        return exclusively(wanted, slot -> slot.kept(request, maxAge)).orElseThrow();
    }

    private Optional<Kept> kept() {
        return kept(key, REQUEST, LONG);
    }

    @Test
    void a_first_request_is_worked_on_and_finds_no_answer() {
        assertThat(exclusively(key, slot -> slot.kept(REQUEST, LONG))).contains(Optional.empty());
    }

    @Test
    void an_answer_that_was_kept_is_found_by_the_same_request() {
        keep(key, ANSWER);

        assertThat(kept()).contains(new Kept(true, ANSWER));
    }

    @Test
    void another_request_with_the_key_is_told_from_it() {
        keep(key, ANSWER);

        assertThat(kept(key, OTHER_REQUEST, LONG)).contains(new Kept(false, ANSWER));
    }

    @Test
    void an_answer_that_is_too_old_is_not_found_and_makes_room_for_the_next() {
        keep(key, ANSWER);

        assertThat(kept(key, REQUEST, Duration.ZERO)).isEmpty();

        exclusively(key, slot -> {
            slot.keep(OTHER_REQUEST, "the next");
            return true;
        });
        assertThat(kept(key, OTHER_REQUEST, LONG)).contains(new Kept(true, "the next"));
        assertThat(kept()).contains(new Kept(false, "the next"));
    }

    @Test
    void work_that_keeps_no_answer_leaves_none() {
        exclusively(key, _ -> true);

        assertThat(kept()).isEmpty();
    }

    @Test
    void the_work_s_effect_is_kept_together_with_its_answer() {
        Optional<Device> made = exclusively(key, slot -> {
            Device device = registered(customer, android(aToken()));
            slot.keep(REQUEST, ANSWER);
            return device;
        });

        assertThat(devicesOf(customer)).containsExactly(made.orElseThrow());
        assertThat(stateOf(made.orElseThrow())).isEqualTo(SyncState.PENDING);
        assertThat(kept()).contains(new Kept(true, ANSWER));
    }

    @Test
    void work_that_throws_leaves_neither_answer_nor_effect() {
        Device known = registered(customer, android(aToken()));
        RuntimeException thrown = new IllegalArgumentException("on purpose");

        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> exclusively(key, slot -> {
                    rotate(known, aToken());
                    slot.keep(REQUEST, ANSWER);
                    throw thrown;
                }))
                .isSameAs(thrown);

        assertThat(kept()).isEmpty();
        assertThat(devicesOf(customer)).containsExactly(known);
    }

    @Test
    void an_answer_given_before_survives_work_that_throws() {
        keep(key, ANSWER);

        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> exclusively(key, slot -> {
                    slot.keep(OTHER_REQUEST, "another answer");
                    throw new IllegalArgumentException("on purpose");
                }));

        assertThat(kept()).contains(new Kept(true, ANSWER));
    }

    @Test
    void a_fault_of_the_caller_reaches_the_caller_and_the_key_is_free() {
        assertThatExceptionOfType(TooManyDevicesException.class)
                .isThrownBy(() -> exclusively(key, _ -> register(customer, android(aToken()), 0)));

        assertThat(ports().customers().customer(customer)).isEmpty();
        assertThat(exclusively(key, _ -> true)).contains(true);
    }

    @Test
    void while_one_works_another_with_the_key_is_turned_away_and_finds_the_answer_afterwards() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch finish = new CountDownLatch(1);
        try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
            Future<Optional<Boolean>> first = thread.submit(() -> exclusively(key, slot -> {
                begun.countDown();
                slot.keep(REQUEST, ANSWER);
                return awaited(finish);
            }));
            assertThat(awaited(begun)).isTrue();

            assertThat(exclusively(key, _ -> "worked")).isEmpty();
            assertThat(exclusively(key, _ -> "worked")).isEmpty();

            finish.countDown();
            assertThat(first.get(10, TimeUnit.SECONDS)).contains(true);
        }
        assertThat(kept()).contains(new Kept(true, ANSWER));
    }

    private static boolean awaited(CountDownLatch latch) {
        try {
            return latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void of_many_at_once_each_works_alone_or_not_at_all() {
        List<Optional<Boolean>> results = Crowd.atOnce(
                100,
                _ -> exclusively(key, slot -> {
                    boolean first = slot.kept(REQUEST, LONG).isEmpty();
                    if (first) {
                        registered(customer, android(aToken()));
                        slot.keep(REQUEST, ANSWER);
                    }
                    return first;
                }));

        assertThat(results).filteredOn(Optional.of(true)::equals).hasSize(1);
        assertThat(devicesOf(customer)).hasSize(1);
    }

    static Stream<RequestKey> strangers() {
        return Stream.of(
                new RequestKey("b", "op", "key"),
                new RequestKey("a", "op2", "key"),
                new RequestKey("a", "op", "key2"),
                new RequestKey("ao", "p", "key"),
                new RequestKey("a", "opk", "ey"),
                new RequestKey("", "aop", "key"),
                new RequestKey("a", "opkey", ""),
                new RequestKey("A", "op", "key"));
    }

    @ParameterizedTest
    @MethodSource("strangers")
    void another_caller_operation_or_key_is_another_request(RequestKey stranger) {
        keep(new RequestKey("a", "op", "key"), ANSWER);

        assertThat(kept(new RequestKey("a", "op", "key"), REQUEST, LONG)).contains(new Kept(true, ANSWER));
        assertThat(kept(stranger, REQUEST, LONG)).isEmpty();
    }

    @Test
    void old_answers_are_forgotten_a_limited_number_at_a_time() {
        ports().upkeep().forgetAnswers(Duration.ZERO, 1_000_000);
        RequestKey other = new RequestKey("caller", "POST /v1/things", aToken().value());
        RequestKey third = new RequestKey("caller", "POST /v1/things", aToken().value());
        List.of(key, other, third).forEach(one -> keep(one, ANSWER));

        assertThat(ports().upkeep().forgetAnswers(LONG, 2)).isZero();
        assertThat(kept()).isPresent();

        assertThat(ports().upkeep().forgetAnswers(Duration.ZERO, 2)).isEqualTo(2);
        assertThat(Stream.of(key, other, third).map(one -> kept(one, REQUEST, LONG)))
                .filteredOn(Optional::isPresent)
                .hasSize(1);
        assertThat(ports().upkeep().forgetAnswers(Duration.ZERO, 2)).isEqualTo(1);
        assertThat(ports().upkeep().forgetAnswers(Duration.ZERO, 2)).isZero();
    }
}
