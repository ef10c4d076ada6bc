package io.deviceregistry.application.testing;

import static io.deviceregistry.application.testing.Examples.MANY;
import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.deviceregistry.application.port.out.Answer;
import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.port.out.IdempotencyRecords.Kept;
import io.deviceregistry.application.port.out.IdempotentRequest;
import io.deviceregistry.application.port.out.RequestKey;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.IdempotencyKeyReusedException;
import io.deviceregistry.domain.RequestUnderWayException;
import io.deviceregistry.domain.Scope;
import io.deviceregistry.domain.SyncState;
import io.deviceregistry.domain.TooManyDevicesException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link DeviceStore} does with requests that take effect once. */
public abstract class IdempotentChangeContract extends RegistryContract {
    private static final byte[] REQUEST = utf8("a request");
    private static final byte[] OTHER_REQUEST = utf8("another request");

    /** More devices than a store may write together with what others ask for. */
    private static final int TOO_MANY_TO_BE_WRITTEN_WITH_OTHERS = 150;

    private final RequestKey key = aKey();
    private final CustomerId customer = aCustomer();

    private static RequestKey aKey() {
        return new RequestKey("caller", "POST /v1/things", aToken().value());
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static List<DeviceRegistration> devices(int number) {
        return IntStream.range(0, number).mapToObj(_ -> android(aToken())).toList();
    }

    private Answer once(
            CustomerId owner,
            RequestKey wanted,
            byte[] request,
            Duration maxAge,
            List<DeviceRegistration> asked,
            int limit) {
        return ports().devices()
                .changeOnce(
                        Examples.writing(Set.of(provider)),
                        Scope.EMPTY.withRegistrations(owner, asked),
                        new IdempotentRequest(wanted, request),
                        maxAge,
                        registry -> asked.stream()
                                .map(one -> registry.register(owner, one, limit))
                                .map(made -> made.outcome() + " 漢字 😀 "
                                        + made.device().id())
                                .collect(Collectors.joining(", ")));
    }

    private Answer once(byte[] request, List<DeviceRegistration> asked) {
        return once(customer, key, request, LONG, asked, MANY);
    }

    private Optional<Kept> kept() {
        return ports().answers()
                .exclusively(key, slot -> slot.kept(REQUEST, LONG))
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, TOO_MANY_TO_BE_WRITTEN_WITH_OTHERS})
    void a_repeated_request_gets_the_first_answer_and_takes_effect_once(int size) {
        List<DeviceRegistration> asked = devices(size);

        Answer first = once(REQUEST, asked);
        List<Device> stored = devicesOf(customer);
        remove(stored.getFirst());
        List<Device> before = devicesOf(customer);
        Answer repeated = once(REQUEST, asked);

        assertThat(first.repeated()).isFalse();
        assertThat(first.content()).startsWith("CREATED 漢字 😀 ");
        assertThat(repeated).isEqualTo(new Answer(first.content(), true));
        assertThat(stored).hasSize(size);
        assertThat(devicesOf(customer)).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, TOO_MANY_TO_BE_WRITTEN_WITH_OTHERS})
    void another_request_with_the_key_is_refused_and_changes_nothing(int size) {
        Answer first = once(REQUEST, devices(size));
        List<Device> before = devicesOf(customer);

        assertThatExceptionOfType(IdempotencyKeyReusedException.class)
                .isThrownBy(() -> once(OTHER_REQUEST, devices(size)));

        assertThat(devicesOf(customer)).isEqualTo(before);
        assertThat(kept()).contains(new Kept(true, first.content()));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, TOO_MANY_TO_BE_WRITTEN_WITH_OTHERS})
    void while_one_with_the_key_is_under_way_another_is_turned_away_and_changes_nothing(int size) throws Exception {
        try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
            ports().answers()
                    .exclusively(
                            key,
                            _ -> assertThatExceptionOfType(ExecutionException.class)
                                    .isThrownBy(() -> thread.submit(() -> once(REQUEST, devices(size)))
                                            .get(10, TimeUnit.SECONDS))
                                    .withCauseInstanceOf(RequestUnderWayException.class));
        }

        assertThat(devicesOf(customer)).isEmpty();
        assertThat(once(REQUEST, devices(size)).repeated()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, TOO_MANY_TO_BE_WRITTEN_WITH_OTHERS})
    void a_change_that_throws_is_not_remembered(int size) {
        assertThatExceptionOfType(TooManyDevicesException.class)
                .isThrownBy(() -> once(customer, key, REQUEST, LONG, devices(size), size - 1));

        assertThat(devicesOf(customer)).isEmpty();
        assertThat(ports().customers().customer(customer)).isEmpty();
        assertThat(kept()).isEmpty();
        assertThat(once(OTHER_REQUEST, devices(size)).repeated()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, TOO_MANY_TO_BE_WRITTEN_WITH_OTHERS})
    void an_answer_that_is_too_old_is_not_found_and_makes_room_for_the_next(int size) {
        List<DeviceRegistration> asked = devices(size);
        once(REQUEST, asked);

        Answer next = once(customer, key, OTHER_REQUEST, Duration.ZERO, asked, MANY);

        assertThat(next.repeated()).isFalse();
        assertThat(next.content()).startsWith("EXISTING ");
        assertThat(kept()).contains(new Kept(false, next.content()));
        assertThat(once(OTHER_REQUEST, asked)).isEqualTo(new Answer(next.content(), true));
    }

    @Test
    void what_it_makes_is_due_at_the_provider() {
        once(REQUEST, devices(1));

        assertThat(stateOf(devicesOf(customer).getFirst())).isEqualTo(SyncState.PENDING);
    }

    @Test
    void an_answer_is_remembered_though_nothing_had_to_be_changed() {
        DeviceRegistration known = android(aToken());
        registered(customer, known);

        Answer first = once(REQUEST, List.of(known));

        assertThat(first.content()).startsWith("EXISTING ");
        assertThat(once(REQUEST, List.of(known))).isEqualTo(new Answer(first.content(), true));
    }

    @Test
    void an_answer_that_was_remembered_by_other_means_is_found() {
        ports().answers().exclusively(key, slot -> {
            slot.keep(REQUEST, "an answer");
            return true;
        });

        assertThat(once(REQUEST, devices(1))).isEqualTo(new Answer("an answer", true));
        assertThat(devicesOf(customer)).isEmpty();
    }

    @Test
    void another_caller_operation_or_key_is_another_request() {
        List<RequestKey> keys = List.of(
                key,
                new RequestKey("another", key.operation(), key.key()),
                new RequestKey(key.caller(), "another", key.key()),
                new RequestKey(key.caller(), key.operation(), key.key() + "2"));

        for (RequestKey one : keys) {
            assertThat(once(customer, one, REQUEST, LONG, devices(1), MANY).repeated())
                    .isFalse();
        }

        assertThat(devicesOf(customer)).hasSize(keys.size());
    }

    @Test
    void of_many_equal_requests_at_once_one_takes_effect_and_the_others_repeat_its_answer_or_are_turned_away() {
        for (int round = 0; round < 20; round++) {
            RequestKey one = aKey();
            List<DeviceRegistration> asked = devices(1);
            List<Optional<Answer>> answers = Crowd.atOnce(24, _ -> {
                try {
                    return Optional.of(once(customer, one, REQUEST, LONG, asked, MANY));
                } catch (RequestUnderWayException _) {
                    return Optional.empty();
                }
            });

            List<Answer> given = answers.stream().flatMap(Optional::stream).toList();
            assertThat(given)
                    .extracting(Answer::content)
                    .containsOnly(given.getFirst().content());
            assertThat(given).filteredOn(answer -> !answer.repeated()).hasSize(1);
            assertThat(devicesOf(customer)).hasSize(round + 1);
        }
    }

    @Test
    void requests_that_come_at_once_with_keys_of_their_own_are_each_answered_by_their_own_answer() {
        record Asked(CustomerId owner, RequestKey key, List<DeviceRegistration> devices) {}
        List<Asked> all = IntStream.range(0, 100)
                .mapToObj(i -> new Asked(aCustomer(), aKey(), devices(1 + i % 3)))
                .toList();
        IntFunction<Answer> ask = i -> once(
                all.get(i).owner(), all.get(i).key(), REQUEST, LONG, all.get(i).devices(), MANY);

        List<Answer> first = Crowd.atOnce(all.size(), ask);
        List<Answer> repeated = Crowd.atOnce(all.size(), ask);

        for (int i = 0; i < all.size(); i++) {
            assertThat(first.get(i).repeated()).isFalse();
            for (Device device : devicesOf(all.get(i).owner())) {
                assertThat(first.get(i).content()).contains(device.id().toString());
            }
            assertThat(repeated.get(i)).isEqualTo(new Answer(first.get(i).content(), true));
        }
    }
}
