package io.deviceregistry.domain;

import static io.deviceregistry.domain.Examples.ANOTHER;
import static io.deviceregistry.domain.Examples.CUSTOMER;
import static io.deviceregistry.domain.Examples.OTHER_TOKEN;
import static io.deviceregistry.domain.Examples.TOKEN;
import static io.deviceregistry.domain.Examples.anId;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
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
                .withHolderOf(OTHER_TOKEN)
                .withDevice(device);

        assertThat(scope)
                .isEqualTo(new Scope(
                        Set.of(ANOTHER, CUSTOMER),
                        Set.of(
                                new Scope.Token(null, TOKEN),
                                new Scope.Token(null, OTHER_TOKEN),
                                new Scope.Token(CUSTOMER, TOKEN),
                                new Scope.Token(CUSTOMER, OTHER_TOKEN)),
                        Set.of(device)));
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
        Scope scope = new Scope(customers, tokens, devices);

        customers.add(CUSTOMER);
        tokens.add(new Scope.Token(CUSTOMER, TOKEN));
        devices.add(anId());

        assertThat(scope).isEqualTo(Scope.EMPTY);
    }
}
