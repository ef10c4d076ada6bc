package io.deviceregistry.domain;

import static io.deviceregistry.domain.Examples.ANOTHER;
import static io.deviceregistry.domain.Examples.CUSTOMER;
import static io.deviceregistry.domain.Examples.OTHER_TOKEN;
import static io.deviceregistry.domain.Examples.TOKEN;
import static io.deviceregistry.domain.Examples.anId;
import static io.deviceregistry.domain.Examples.android;
import static io.deviceregistry.domain.Examples.observedAt;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ScopeTest {

    @Test
    void a_scope_grows_and_loses_nothing() {
        DeviceId device = anId();

        Scope scope = Scope.EMPTY
                .withDevice(device)
                .withHolderOf(TOKEN)
                .withCustomer(ANOTHER)
                .withTokens(CUSTOMER, Set.of(TOKEN, OTHER_TOKEN))
                .withObservation(observedAt(10))
                .withHolderOf(OTHER_TOKEN)
                .withObservation(Observation.ON_ARRIVAL)
                .withDevice(device);

        assertThat(scope)
                .isEqualTo(new Scope(
                        Set.of(ANOTHER, CUSTOMER),
                        Set.of(
                                new Scope.Token(null, TOKEN),
                                new Scope.Token(null, OTHER_TOKEN),
                                new Scope.Token(CUSTOMER, TOKEN),
                                new Scope.Token(CUSTOMER, OTHER_TOKEN)),
                        Set.of(device),
                        true));
    }

    @Test
    void former_holders_matter_where_a_message_says_when_it_was_true() {
        DeviceRegistration onArrival = android(TOKEN);
        DeviceRegistration timed = android(OTHER_TOKEN, observedAt(10));

        assertThat(Scope.EMPTY.withRegistrations(CUSTOMER, List.of(onArrival)))
                .isEqualTo(Scope.EMPTY.withTokens(CUSTOMER, Set.of(TOKEN)));
        assertThat(Scope.EMPTY.withRegistrations(CUSTOMER, List.of(onArrival, timed)))
                .isEqualTo(Scope.EMPTY
                        .withTokens(CUSTOMER, Set.of(TOKEN, OTHER_TOKEN))
                        .withObservation(timed.observed()));
    }

    @Test
    void the_customer_who_has_or_is_to_have_tokens_is_in_the_scope() {
        assertThat(Scope.EMPTY.withTokens(CUSTOMER, Set.of(TOKEN)).customers()).containsExactly(CUSTOMER);
    }

    @Test
    void a_later_change_of_the_callers_sets_changes_nothing() {
        Set<CustomerId> customers = new HashSet<>();
        Set<Scope.Token> tokens = new HashSet<>();
        Set<DeviceId> devices = new HashSet<>();
        Scope scope = new Scope(customers, tokens, devices, false);

        customers.add(CUSTOMER);
        tokens.add(new Scope.Token(CUSTOMER, TOKEN));
        devices.add(anId());

        assertThat(scope).isEqualTo(Scope.EMPTY);
    }
}
