package io.deviceregistry.domain;

import static io.deviceregistry.domain.Examples.ANOTHER;
import static io.deviceregistry.domain.Examples.CUSTOMER;
import static io.deviceregistry.domain.Examples.LATER;
import static io.deviceregistry.domain.Examples.OTHER_TOKEN;
import static io.deviceregistry.domain.Examples.THIRD_TOKEN;
import static io.deviceregistry.domain.Examples.TOKEN;
import static io.deviceregistry.domain.Examples.UNREGISTERED;
import static io.deviceregistry.domain.Examples.aDevice;
import static io.deviceregistry.domain.Examples.anId;
import static io.deviceregistry.domain.Examples.android;
import static io.deviceregistry.domain.Examples.invalid;
import static io.deviceregistry.domain.Examples.ios;
import static io.deviceregistry.domain.Examples.observedAt;
import static io.deviceregistry.domain.Examples.rotationTo;
import static io.deviceregistry.domain.Observation.ON_ARRIVAL;
import static io.deviceregistry.domain.RegistryBuilder.LIMIT;
import static io.deviceregistry.domain.RegistryBuilder.registryOf;
import static io.deviceregistry.domain.RegistryBuilder.with;
import static io.deviceregistry.domain.RemovalReason.DEREGISTERED;
import static io.deviceregistry.domain.RemovalReason.TRANSFERRED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Named.named;

import io.deviceregistry.domain.Registration.Outcome;
import io.deviceregistry.domain.Registry.Change;
import io.deviceregistry.domain.Registry.ReportOutcome;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * How several operations of one change go together, and what is stored of them. What each does alone is said by
 * {@link RegistrationRulesTest}, {@link RotationRulesTest}, {@link RemovalRulesTest}, {@link DeadTokenRulesTest},
 * {@link LateMessagesTest}, {@link DeviceLimitTest} and {@link CustomerRulesTest}.
 */
class RegistryTest {

    @Test
    void nothing_asked_is_nothing_changed() {
        Registry registry = registryOf(aDevice(), aDevice(ANOTHER, OTHER_TOKEN));

        assertThat(registry.changedDevices()).isEmpty();
        assertThat(registry.changedCustomers()).isEmpty();
    }

    @Test
    void each_operation_sees_what_those_before_it_did() {
        Registry registry = registryOf();

        Device made = registry.register(CUSTOMER, android(TOKEN), LIMIT).device();
        Device rotated = registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN), LIMIT);
        registry.remove(CUSTOMER, OTHER_TOKEN, ON_ARRIVAL);
        Registration back = registry.register(CUSTOMER, android(OTHER_TOKEN), LIMIT);

        assertThat(rotated.id()).isEqualTo(made.id());
        assertThat(back.outcome()).isEqualTo(Outcome.REACTIVATED);
        assertThat(back.device().id()).isEqualTo(made.id());
        assertThat(registry.changedDevices()).containsExactly(new Change(null, back.device()));
    }

    @Test
    void a_device_is_listed_once_with_its_state_before_the_first_and_after_the_last_operation() {
        Device device = aDevice();
        Registry registry = registryOf(device);

        registry.register(CUSTOMER, ios(TOKEN), LIMIT);
        registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN), LIMIT);
        Device after = registry.rotate(CUSTOMER, OTHER_TOKEN, rotationTo(THIRD_TOKEN), LIMIT);

        assertThat(after.version()).isEqualTo(4);
        assertThat(registry.changedDevices()).containsExactly(new Change(device, after));
        assertThat(new Change(device, after).tokenGivenUp()).contains(TOKEN);
    }

    @Test
    void a_token_that_goes_to_another_customer_and_comes_back_leaves_nothing_to_tell_providers() {
        Device device = aDevice();
        Registry registry = registryOf(device);

        Device others = registry.register(ANOTHER, android(TOKEN), LIMIT).device();
        Registration back = registry.register(CUSTOMER, android(TOKEN), LIMIT);

        assertThat(back.outcome()).isEqualTo(Outcome.TRANSFERRED);
        assertThat(back.device().id()).isEqualTo(device.id());
        assertThat(registry.changedDevices())
                .containsExactly(
                        new Change(null, others.removed(TRANSFERRED, ON_ARRIVAL, LATER)),
                        new Change(device, back.device()))
                .noneMatch(Change::concernsProviders);
    }

    @Test
    void a_device_that_is_replaced_in_the_change_that_made_it_concerns_no_provider() {
        Device device = aDevice();
        Registry registry = registryOf(device);

        Device made = registry.register(CUSTOMER, android(OTHER_TOKEN), LIMIT).device();
        registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN), LIMIT);

        Change first = registry.changedDevices().getFirst();
        assertThat(first.after().id()).isEqualTo(made.id());
        assertThat(first.concernsProviders()).isFalse();
        assertThat(first.tokenGivenUp()).isEmpty();
    }

    @Test
    void devices_that_hold_no_token_any_more_are_stored_first_even_if_they_changed_last() {
        Device device = aDevice();
        Registry registry = registryOf(device);

        Device made = registry.register(CUSTOMER, android(OTHER_TOKEN), LIMIT).device();
        registry.remove(CUSTOMER, TOKEN, ON_ARRIVAL);

        assertThat(registry.changedDevices())
                .containsExactly(
                        new Change(device, device.removed(DEREGISTERED, ON_ARRIVAL, LATER)), new Change(null, made));
    }

    @Test
    void a_token_that_a_device_rotated_away_from_is_free_before_another_one_takes_it() {
        Device device = aDevice();
        Registry registry = registryOf(device);

        Device rotated = registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN), LIMIT);
        Registration made = registry.register(ANOTHER, android(TOKEN), LIMIT);

        assertThat(made.outcome()).isEqualTo(Outcome.CREATED);
        assertThat(registry.changedDevices())
                .containsExactly(new Change(device, rotated), new Change(null, made.device()));
    }

    @Test
    void a_token_is_free_before_it_is_taken_even_by_a_device_that_changed_before() {
        Device device = aDevice();
        Device other = aDevice(CUSTOMER, OTHER_TOKEN);
        Registry registry = registryOf(device, other);

        registry.register(CUSTOMER, ios(TOKEN), LIMIT);
        Device away = registry.rotate(CUSTOMER, OTHER_TOKEN, rotationTo(THIRD_TOKEN), LIMIT);
        Device taker = registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN), LIMIT);

        assertThat(registry.changedDevices()).containsExactly(new Change(other, away), new Change(device, taker));
    }

    @Test
    void a_holder_stays_the_holder_while_a_device_that_had_its_token_before_changes() {
        Device former = invalid(aDevice(), 10);
        Device holder = aDevice(ANOTHER, TOKEN, 20);
        Registry registry = registryOf(former, holder);

        registry.remove(CUSTOMER, TOKEN, ON_ARRIVAL);

        assertThat(registry.reportInvalid(TOKEN, UNREGISTERED, ON_ARRIVAL)).isEqualTo(ReportOutcome.INVALIDATED);
    }

    /** Else it would look as if it were not there, and a token might get two holders. */
    @ParameterizedTest
    @MethodSource
    void what_is_outside_of_the_scope_is_refused_loudly_and_nothing_is_done(Consumer<Registry> operation) {
        Registry registry = with(aDevice())
                .within(Scope.EMPTY.withTokens(CUSTOMER, Set.of(TOKEN)))
                .build();

        assertThatIllegalStateException()
                .isThrownBy(() -> operation.accept(registry))
                .withMessage("A change asked for something outside of its scope");

        assertThat(registry.changedDevices()).isEmpty();
        assertThat(registry.changedCustomers()).isEmpty();
    }

    static List<Named<Consumer<Registry>>> what_is_outside_of_the_scope_is_refused_loudly_and_nothing_is_done() {
        DeviceUpdate rotation = rotationTo(OTHER_TOKEN);
        return List.of(
                named("register: token", registry -> registry.register(CUSTOMER, android(OTHER_TOKEN), LIMIT)),
                named(
                        "register: token of that customer",
                        registry -> registry.register(ANOTHER, android(TOKEN), LIMIT)),
                named(
                        "register: former holders",
                        registry -> registry.register(CUSTOMER, android(TOKEN, observedAt(10)), LIMIT)),
                named("rotate: new token", registry -> registry.rotate(CUSTOMER, TOKEN, rotation, LIMIT)),
                named("rotate: current token", registry -> registry.rotate(CUSTOMER, OTHER_TOKEN, rotation, LIMIT)),
                named("change", registry -> registry.change(CUSTOMER, anId(), Precondition.NONE, rotation, LIMIT)),
                named("remove by token", registry -> registry.remove(CUSTOMER, OTHER_TOKEN, ON_ARRIVAL)),
                named("remove by id", registry -> registry.remove(CUSTOMER, anId(), Precondition.NONE)),
                named("report", registry -> registry.reportInvalid(OTHER_TOKEN, UNREGISTERED, ON_ARRIVAL)),
                named("expire", registry -> registry.expire(anId(), Map.of())),
                named("describe", registry -> registry.describe(ANOTHER, ProfileUpdate.NONE)));
    }

    @Test
    void a_customer_outside_of_the_scope_gets_no_device() {
        Scope tokensOnly = new Scope(
                Set.of(),
                Set.of(new Scope.Token(CUSTOMER, TOKEN), new Scope.Token(CUSTOMER, OTHER_TOKEN)),
                Set.of(),
                false);
        Registry registry = with(invalid(aDevice(), 10)).within(tokensOnly).build();

        assertThatIllegalStateException().isThrownBy(() -> registry.register(CUSTOMER, android(OTHER_TOKEN), LIMIT));
        assertThatIllegalStateException()
                .isThrownBy(() -> registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN), LIMIT));

        assertThat(registry.changedDevices()).isEmpty();
    }

    @Test
    void no_part_of_a_change_shows_a_token() {
        Registry registry = registryOf(aDevice());

        Device rotated = registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN), LIMIT);

        assertThat(Stream.of(
                        registry.changedDevices(), rotated, rotationTo(OTHER_TOKEN), Scope.EMPTY.withHolderOf(TOKEN)))
                .allSatisfy(shown -> assertThat(shown.toString())
                        .doesNotContain(TOKEN.value())
                        .doesNotContain(OTHER_TOKEN.value()));
    }
}
