package io.deviceregistry.application.service;

import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aProvider;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.application.testing.Examples.ios;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.deviceregistry.application.port.in.RegisterDevices;
import io.deviceregistry.application.port.in.RegisterDevices.Item;
import io.deviceregistry.application.port.in.RegisterDevices.ItemResult;
import io.deviceregistry.application.port.out.Answer;
import io.deviceregistry.application.port.out.IdempotentRequest;
import io.deviceregistry.application.port.out.RequestKey;
import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.application.testing.InMemoryProvider;
import io.deviceregistry.application.testing.InMemoryRegistry;
import io.deviceregistry.domain.ConflictingTypesException;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceMetadata;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.ProviderSync;
import io.deviceregistry.domain.Registration;
import io.deviceregistry.domain.SyncState;
import io.deviceregistry.domain.TooManyDevicesException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RegisterDevicesServiceTest {
    private final SettableClock clock = new SettableClock();
    private final InMemoryRegistry registry = new InMemoryRegistry(clock);
    private final InMemoryProvider one = new InMemoryProvider(aProvider());
    private final InMemoryProvider other = new InMemoryProvider(aProvider());
    private final CustomerId customer = aCustomer();

    /** What was stored already at each wake-up. */
    private final List<List<Device>> wakeUps = new ArrayList<>();

    private final RegisterDevices devices = new RegisterDevicesService(
            new RegistryWriter(
                    registry,
                    List.of(one, other),
                    () -> wakeUps.add(Examples.devicesOf(registry, customer)),
                    Examples.UNTRACED),
            Examples.MANY,
            ServiceScene.ANSWER_RETENTION);

    private static DeviceRegistration named(DeviceToken token, String appId) {
        return new DeviceRegistration(
                Examples.ANDROID, token, new DeviceMetadata(appId, null, null, null, null, Map.of()));
    }

    @Test
    void every_entry_is_answered_in_the_order_of_the_request() {
        DeviceToken known = aToken();
        devices.register(Examples.CALLER, customer, List.of(android(known)));
        List<DeviceRegistration> request = List.of(ios(aToken()), android(known), android(aToken()));

        List<Registration> answers = devices.register(Examples.CALLER, customer, request);

        assertThat(answers)
                .extracting(answer -> answer.device().token())
                .containsExactlyElementsOf(
                        request.stream().map(DeviceRegistration::token).toList());
        assertThat(answers)
                .extracting(Registration::outcome)
                .containsExactly(
                        Registration.Outcome.CREATED, Registration.Outcome.EXISTING, Registration.Outcome.CREATED);
    }

    @Test
    void a_token_given_twice_is_one_device_and_has_one_answer_per_entry() {
        DeviceToken twice = aToken();

        List<Registration> answers =
                devices.register(Examples.CALLER, customer, List.of(android(twice), ios(aToken()), android(twice)));

        assertThat(answers).hasSize(3);
        assertThat(answers.get(2)).isEqualTo(answers.get(0));
        assertThat(answers.get(1)).isNotEqualTo(answers.get(0));
        assertThat(Examples.devicesOf(registry, customer)).hasSize(2);
    }

    @Test
    void of_a_token_given_several_times_the_last_metadata_wins() {
        DeviceToken token = aToken();

        List<Registration> answers = devices.register(
                Examples.CALLER, customer, List.of(named(token, "first"), named(token, "last"), android(token)));

        assertThat(answers)
                .extracting(answer -> answer.device().metadata().appId())
                .containsExactly("last", "last", "last");
        assertThat(answers).extracting(answer -> answer.device().version()).containsOnly(1L);
    }

    @Test
    void two_types_for_one_token_are_refused_and_nothing_is_stored() {
        DeviceToken token = aToken();
        List<DeviceRegistration> request = List.of(android(token), android(aToken()), ios(token), ios(token));

        assertThatExceptionOfType(ConflictingTypesException.class)
                .isThrownBy(() -> devices.register(Examples.CALLER, customer, request))
                .satisfies(refusal -> assertThat(refusal.positions()).containsExactly(2, 3));

        assertThat(Examples.devicesOf(registry, customer)).isEmpty();
        assertThat(registry.lease(one.id(), SyncLane.FRESH, Duration.ofMinutes(1), 1).stream()
                        .findFirst())
                .isEmpty();
        assertThat(wakeUps).isEmpty();
    }

    @Test
    void every_provider_will_be_told_and_none_was_told_yet() {
        Device device = devices.register(Examples.CALLER, customer, List.of(android(aToken())))
                .getFirst()
                .device();

        List<ProviderSync> standing = registry.standing(customer, device.id()).orElseThrow();

        assertThat(standing).extracting(ProviderSync::provider).containsExactlyInAnyOrder(one.id(), other.id());
        assertThat(standing)
                .allSatisfy(sync -> assertThat(sync.state()).isEqualTo(SyncState.PENDING))
                .allSatisfy(sync -> assertThat(sync.nextAttemptAt()).isEqualTo(clock.instant()));
        assertThat(one.calls()).isEmpty();
        assertThat(other.calls()).isEmpty();
    }

    @Test
    void the_sync_is_woken_once_when_all_of_the_request_is_stored() {
        List<Registration> answers =
                devices.register(Examples.CALLER, customer, List.of(android(aToken()), ios(aToken())));

        assertThat(wakeUps)
                .containsExactly(answers.stream().map(Registration::device).toList());
    }

    @Test
    void the_sync_is_not_woken_where_nothing_is_new() {
        List<DeviceRegistration> request = List.of(android(aToken()), ios(aToken()));
        devices.register(Examples.CALLER, customer, request);
        wakeUps.clear();

        devices.register(Examples.CALLER, customer, request);
        clock.advance(Duration.ofHours(1));
        devices.register(Examples.CALLER, customer, request);

        assertThat(wakeUps).isEmpty();
    }

    @Test
    void the_sync_is_woken_where_one_of_many_is_new() {
        DeviceToken known = aToken();
        devices.register(Examples.CALLER, customer, List.of(android(known)));
        wakeUps.clear();

        devices.register(Examples.CALLER, customer, List.of(android(known), android(aToken())));

        assertThat(wakeUps).hasSize(1);
    }

    private static IdempotentRequest aRequest() {
        return new IdempotentRequest(new RequestKey("caller", "operation", aToken().value()), new byte[] {1});
    }

    private Answer registerOnce(IdempotentRequest request, List<DeviceRegistration> asked) {
        return devices.registerOnce(
                Examples.CALLER,
                customer,
                asked,
                request,
                made -> made.stream()
                        .map(one -> one.outcome() + " " + one.device().token().value())
                        .toList()
                        .toString());
    }

    @Test
    void a_request_that_takes_effect_once_is_answered_by_what_the_first_one_was() {
        IdempotentRequest request = aRequest();
        DeviceToken known = aToken();
        DeviceToken added = aToken();
        devices.register(Examples.CALLER, customer, List.of(android(known)));

        Answer first = registerOnce(request, List.of(ios(added), android(known), ios(added)));
        Answer repeated = registerOnce(request, List.of(ios(added), android(known), ios(added)));

        String inOrder = "[CREATED %1$s, EXISTING %2$s, CREATED %1$s]".formatted(added.value(), known.value());
        assertThat(first).isEqualTo(new Answer(inOrder, false));
        assertThat(repeated).isEqualTo(new Answer(inOrder, true));
        assertThat(Examples.devicesOf(registry, customer)).hasSize(2);
    }

    @Test
    void an_answer_is_remembered_for_as_long_as_it_is_to_be() {
        IdempotentRequest request = aRequest();
        List<DeviceRegistration> asked = List.of(android(aToken()));
        registerOnce(request, asked);
        clock.advance(ServiceScene.ANSWER_RETENTION.minusSeconds(1));
        assertThat(registerOnce(request, asked).repeated()).isTrue();

        clock.advance(Duration.ofSeconds(1));

        assertThat(registerOnce(request, asked).repeated()).isFalse();
    }

    @Test
    void the_sync_is_woken_after_the_answer_is_remembered_and_not_by_a_repetition() {
        IdempotentRequest request = aRequest();
        List<Optional<Boolean>> remembered = new ArrayList<>();
        RegistryWriter writer = new RegistryWriter(
                registry,
                List.of(one),
                () -> remembered.add(registry.exclusively(
                        request.key(),
                        slot -> slot.kept(request.content(), ServiceScene.ANSWER_RETENTION)
                                .isPresent())),
                Examples.UNTRACED);
        RegisterDevices waking = new RegisterDevicesService(writer, Examples.MANY, ServiceScene.ANSWER_RETENTION);
        List<DeviceRegistration> asked = List.of(android(aToken()));

        for (int i = 0; i < 2; i++) {
            waking.registerOnce(Examples.CALLER, customer, asked, request, _ -> "an answer");
        }

        assertThat(remembered).containsExactly(Optional.of(true));
    }

    @Test
    void an_item_that_is_refused_does_not_hinder_the_others() {
        ServiceScene scene = new ServiceScene();
        RegisterDevices limited = new RegisterDevicesService(scene.writer, 1, ServiceScene.ANSWER_RETENTION);
        DeviceToken first = aToken();

        List<ItemResult> results = limited.registerEach(
                Examples.CALLER,
                List.of(
                        new Item(scene.customer, android(first)),
                        new Item(scene.customer, android(aToken())),
                        new Item(customer, android(aToken()))));

        assertThat(results.get(0)).isInstanceOf(ItemResult.Registered.class);
        assertThat(results.get(1))
                .isInstanceOfSatisfying(
                        ItemResult.Refused.class,
                        refused -> assertThat(refused.reason()).isInstanceOf(TooManyDevicesException.class));
        assertThat(results.get(2)).isInstanceOf(ItemResult.Registered.class);
        assertThat(scene.devicesOf(scene.customer)).extracting(Device::token).containsExactly(first);
    }

    @Test
    void more_items_than_a_transaction_may_lock_are_refused() {
        List<Item> tooMany = Collections.nCopies(RegisterDevices.MAX_ITEMS + 1, new Item(customer, android(aToken())));

        assertThatIllegalArgumentException().isThrownBy(() -> devices.registerEach(Examples.CALLER, tooMany));
    }
}
