package io.deviceregistry.domain;

import static io.deviceregistry.domain.Examples.ANOTHER;
import static io.deviceregistry.domain.Examples.ANOTHER_CALLER;
import static io.deviceregistry.domain.Examples.CALLER;
import static io.deviceregistry.domain.Examples.CUSTOMER;
import static io.deviceregistry.domain.Examples.LATER;
import static io.deviceregistry.domain.Examples.NOW;
import static io.deviceregistry.domain.Examples.TOKEN;
import static io.deviceregistry.domain.Examples.aDevice;
import static io.deviceregistry.domain.Examples.android;
import static io.deviceregistry.domain.Observation.ON_ARRIVAL;
import static io.deviceregistry.domain.RegistryBuilder.LIMIT;
import static io.deviceregistry.domain.RegistryBuilder.registryOf;
import static io.deviceregistry.domain.RegistryBuilder.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.domain.ProfileUpdate.Part;
import io.deviceregistry.domain.Registry.DescribedCustomer;
import org.junit.jupiter.api.Test;

/** How customers come into being and are described. */
class CustomerRulesTest {
    private static final Profile PROFILE = new Profile("ada@example.com", "Ada", "Lovelace", "+44 20 7946 0000");
    private static final Customer KNOWN = new Customer(CUSTOMER, PROFILE, NOW, NOW, ANOTHER_CALLER);

    private static ProfileUpdate emailAlone(Part email) {
        return new ProfileUpdate(email, Part.KEPT, Part.KEPT, Part.KEPT);
    }

    @Test
    void the_first_registration_brings_its_customer_into_being_without_a_profile() {
        Registry registry = registryOf();

        registry.register(CUSTOMER, android(TOKEN), LIMIT);

        assertThat(registry.changedCustomers())
                .containsExactly(new Customer(CUSTOMER, Profile.NONE, LATER, LATER, CALLER));
    }

    @Test
    void a_transfer_brings_the_new_customer_into_being_and_leaves_the_other_as_it_is() {
        Registry registry = registryOf(aDevice(ANOTHER, TOKEN));

        registry.register(CUSTOMER, android(TOKEN), LIMIT);

        assertThat(registry.changedCustomers()).extracting(Customer::id).containsExactly(CUSTOMER);
    }

    @Test
    void a_registration_changes_nothing_about_a_customer_that_there_is() {
        Registry registry = with().knowing(KNOWN).build();

        registry.register(CUSTOMER, android(TOKEN), LIMIT);

        assertThat(registry.changedCustomers()).isEmpty();
    }

    @Test
    void a_removal_brings_nobody_into_being() {
        Registry registry = registryOf();

        registry.remove(CUSTOMER, TOKEN, ON_ARRIVAL);

        assertThat(registry.changedCustomers()).isEmpty();
    }

    @Test
    void a_profile_brings_its_customer_into_being_too() {
        Registry registry = registryOf();

        DescribedCustomer described = registry.describe(CUSTOMER, emailAlone(Part.set("ada@example.com")));

        Customer customer =
                new Customer(CUSTOMER, new Profile("ada@example.com", null, null, null), LATER, LATER, CALLER);
        assertThat(described).isEqualTo(new DescribedCustomer(customer, true));
        assertThat(registry.changedCustomers()).containsExactly(customer);
    }

    @Test
    void a_profile_of_which_nothing_is_known_brings_its_customer_into_being_all_the_same() {
        Registry registry = registryOf();

        DescribedCustomer described = registry.describe(CUSTOMER, ProfileUpdate.NONE);

        assertThat(described.created()).isTrue();
        assertThat(registry.changedCustomers()).containsExactly(described.customer());
    }

    @Test
    void a_known_customers_profile_is_merged() {
        Registry registry = with().knowing(KNOWN).build();

        DescribedCustomer described = registry.describe(CUSTOMER, emailAlone(Part.set(null)));

        Profile merged = new Profile(null, "Ada", "Lovelace", "+44 20 7946 0000");
        assertThat(described)
                .isEqualTo(new DescribedCustomer(new Customer(CUSTOMER, merged, NOW, LATER, CALLER), false));
        assertThat(registry.changedCustomers()).containsExactly(described.customer());
    }

    @Test
    void a_profile_that_says_nothing_new_changes_nothing() {
        Registry registry = with().knowing(KNOWN).build();

        DescribedCustomer described = registry.describe(CUSTOMER, emailAlone(Part.set("ada@example.com")));

        assertThat(described).isEqualTo(new DescribedCustomer(KNOWN, false));
        assertThat(registry.changedCustomers()).isEmpty();
    }

    @Test
    void a_customer_that_was_brought_and_described_in_one_change_is_stored_once() {
        Registry registry = registryOf();
        registry.register(CUSTOMER, android(TOKEN), LIMIT);

        DescribedCustomer described = registry.describe(CUSTOMER, emailAlone(Part.set("ada@example.com")));

        assertThat(described.created()).isTrue();
        assertThat(registry.changedCustomers()).containsExactly(described.customer());
    }

    @Test
    void one_description_after_another_is_merged_with_it() {
        Registry registry = registryOf();
        registry.describe(CUSTOMER, emailAlone(Part.set("ada@example.com")));

        DescribedCustomer described =
                registry.describe(CUSTOMER, new ProfileUpdate(Part.KEPT, Part.set("Ada"), Part.KEPT, Part.KEPT));

        assertThat(described.customer().profile()).isEqualTo(new Profile("ada@example.com", "Ada", null, null));
        assertThat(registry.changedCustomers()).containsExactly(described.customer());
    }
}
