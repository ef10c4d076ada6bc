package io.deviceregistry.application.testing;

import static io.deviceregistry.application.testing.Examples.ANOTHER_CALLER;
import static io.deviceregistry.application.testing.Examples.CALLER;
import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.domain.ProfileUpdate.Part.KEPT;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.application.port.out.CustomerQuery;
import io.deviceregistry.application.port.out.CustomerStore;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.domain.Customer;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.Profile;
import io.deviceregistry.domain.ProfileUpdate;
import io.deviceregistry.domain.ProfileUpdate.Part;
import io.deviceregistry.domain.Registry.DescribedCustomer;
import io.deviceregistry.domain.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every {@link CustomerStore} tells of the customers that a device store is told of. */
public abstract class CustomerStoreContract extends RegistryContract {
    private final CustomerId customer = aCustomer();

    /** An address that nobody else has. */
    private final String email = "Ada@" + aToken().value() + ".example";

    private static final ProfileUpdate CLEARED =
            new ProfileUpdate(Part.set(null), Part.set(null), Part.set(null), Part.set(null));

    private static ProfileUpdate email(String email) {
        return new ProfileUpdate(Part.set(email), KEPT, KEPT, KEPT);
    }

    private Customer stored(CustomerId id) {
        return ports().customers().customer(id).orElseThrow();
    }

    private List<CustomerId> listed(
            @Nullable Set<CustomerId> ids, @Nullable Set<String> emails, @Nullable CustomerId after) {
        return idsOf(ports().customers().customers(new CustomerQuery(ids, emails, after, 100)));
    }

    private static List<CustomerId> idsOf(Page<Customer, CustomerId> page) {
        return page.items().stream().map(Customer::id).toList();
    }

    @Test
    void a_customer_of_whom_nothing_was_said_is_unknown() {
        assertThat(ports().customers().customer(customer)).isEmpty();
    }

    @Test
    void a_registration_brings_a_customer_without_a_profile() {
        Device device = registered(customer, android(aToken()));

        assertThat(stored(customer))
                .isEqualTo(new Customer(customer, Profile.NONE, device.registeredAt(), device.registeredAt(), CALLER));
    }

    @Test
    void a_described_customer_is_kept_to_the_last_character() {
        Profile profile = new Profile(email, "Ada \"the\" Count\\ess", "Lovelace-漢字 😀", "+44 (0)20 '7946");

        DescribedCustomer described = describe(
                customer,
                new ProfileUpdate(
                        Part.set(profile.email()),
                        Part.set(profile.firstName()),
                        Part.set(profile.lastName()),
                        Part.set(profile.phoneNumber())));

        assertThat(described.created()).isTrue();
        assertThat(described.customer().profile()).isEqualTo(profile);
        assertThat(described.customer().updatedAt())
                .isEqualTo(described.customer().createdAt());
        assertThat(stored(customer)).isEqualTo(described.customer());
    }

    @Test
    void a_description_changes_what_it_gives_and_clears_what_it_gives_as_nothing() {
        Customer first = describe(customer, new ProfileUpdate(Part.set(email), Part.set("Ada"), KEPT, Part.set("+44")))
                .customer();

        DescribedCustomer second =
                describe(customer, new ProfileUpdate(KEPT, Part.set(null), Part.set("Lovelace"), KEPT));

        assertThat(second.created()).isFalse();
        assertThat(second.customer().profile()).isEqualTo(new Profile(email, null, "Lovelace", "+44"));
        assertThat(second.customer().createdAt()).isEqualTo(first.createdAt());
        assertThat(second.customer().updatedAt()).isAfter(first.updatedAt());
        assertThat(stored(customer)).isEqualTo(second.customer());

        describe(customer, CLEARED);
        assertThat(stored(customer).profile()).isEqualTo(Profile.NONE);
    }

    @Test
    void a_description_that_says_nothing_new_moves_no_time() {
        Customer before = describe(customer, email(email)).customer();

        DescribedCustomer again = describe(customer, email(email));

        assertThat(again).isEqualTo(new DescribedCustomer(before, false));
        assertThat(describe(customer, ProfileUpdate.NONE).customer()).isEqualTo(before);
        assertThat(stored(customer)).isEqualTo(before);
    }

    @Test
    void who_changed_a_profile_last_is_known_and_who_said_nothing_new_is_not_taken_for_them() {
        registered(customer, android(aToken()));

        describe(ANOTHER_CALLER, customer, email(email));
        assertThat(stored(customer).updatedBy()).isEqualTo(ANOTHER_CALLER);

        describe(CALLER, customer, email(email));
        registered(customer, android(aToken()));
        assertThat(stored(customer).updatedBy()).isEqualTo(ANOTHER_CALLER);

        describe(CALLER, customer, CLEARED);
        assertThat(stored(customer).updatedBy()).isEqualTo(CALLER);
    }

    @Test
    void a_customer_whom_a_registration_brought_is_not_created_by_a_description() {
        Device device = registered(customer, android(aToken()));

        DescribedCustomer described = describe(customer, email(email));

        assertThat(described.created()).isFalse();
        assertThat(stored(customer)).isEqualTo(described.customer());
        assertThat(described.customer().createdAt()).isEqualTo(device.registeredAt());
        assertThat(devicesOf(customer)).containsExactly(device);
    }

    @Test
    void a_customer_may_be_described_without_being_given_anything() {
        DescribedCustomer described = describe(customer, ProfileUpdate.NONE);

        assertThat(described.created()).isTrue();
        assertThat(stored(customer)).isEqualTo(described.customer());
    }

    @Test
    void several_customers_are_described_in_one_change_twice_the_same_one_too() {
        CustomerId another = aCustomer();

        List<DescribedCustomer> described = change(
                Scope.EMPTY.withCustomer(customer).withCustomer(another),
                registry -> List.of(
                        registry.describe(customer, email(email)),
                        registry.describe(another, ProfileUpdate.NONE),
                        registry.describe(customer, new ProfileUpdate(KEPT, Part.set("Ada"), KEPT, KEPT))));

        assertThat(stored(customer))
                .isEqualTo(described.get(2).customer())
                .returns(new Profile(email, "Ada", null, null), Customer::profile);
        assertThat(stored(another)).isEqualTo(described.get(1).customer());
    }

    @Test
    void customers_are_listed_by_their_ids() {
        CustomerId another = aCustomer();
        Customer one = describe(customer, email(email)).customer();
        Customer two = describe(another, ProfileUpdate.NONE).customer();
        describe(aCustomer(), ProfileUpdate.NONE);

        CustomerQuery query = new CustomerQuery(Set.of(customer, another, aCustomer()), null, null, 100);

        assertThat(ports().customers().customers(query)).isEqualTo(new Page<>(List.of(one, two), null));
        assertThat(listed(Set.of(aCustomer()), null, null)).isEmpty();
        assertThat(listed(Set.of(), null, null)).isEmpty();
    }

    @Test
    void customers_are_listed_by_their_email_addresses_in_that_very_spelling() {
        CustomerId another = aCustomer();
        String shouted = email.toUpperCase(Locale.ROOT);
        describe(customer, email(email));
        describe(another, email(shouted));
        describe(aCustomer(), ProfileUpdate.NONE);

        assertThat(listed(null, Set.of(email), null)).containsExactly(customer);
        assertThat(listed(null, Set.of(email, shouted), null)).containsExactly(customer, another);
        assertThat(listed(null, Set.of(email.toLowerCase(Locale.ROOT)), null)).isEmpty();
        assertThat(listed(null, Set.of(), null)).isEmpty();
        assertThat(listed(Set.of(another), Set.of(email, shouted), null)).containsExactly(another);
        assertThat(listed(Set.of(another), Set.of(email), null)).isEmpty();
    }

    @Test
    void customers_with_one_email_address_are_all_listed() {
        CustomerId another = aCustomer();
        describe(customer, email(email));
        describe(another, email(email));

        assertThat(listed(null, Set.of(email), null)).containsExactly(customer, another);
        assertThat(listed(null, Set.of(email), customer)).containsExactly(another);
    }

    /** Which nobody sorts like this by a language's rules. */
    private static final String IN_THE_ORDER_OF_BYTES = "+-.0:=@AZ_az|~";

    private List<CustomerId> familyOf(CustomerId first, String letters) {
        return letters.chars()
                .mapToObj(letter -> new CustomerId(first.value() + (char) letter))
                .toList();
    }

    /** The family's members in all pages of two that follow its first. */
    private List<CustomerId> pagesAfter(CustomerId first) {
        List<CustomerId> found = new ArrayList<>();
        CustomerId position = first;
        while (position != null && position.value().startsWith(first.value())) {
            Page<Customer, CustomerId> page = ports().customers().customers(new CustomerQuery(null, null, position, 2));
            assertThat(page.items()).hasSizeLessThanOrEqualTo(2);
            found.addAll(idsOf(page));
            position = page.next();
        }
        return found.stream().filter(id -> id.value().startsWith(first.value())).toList();
    }

    @Test
    void customers_are_listed_in_the_order_of_their_ids_bytes() {
        List<CustomerId> family = familyOf(customer, IN_THE_ORDER_OF_BYTES);
        family.reversed().forEach(id -> describe(id, ProfileUpdate.NONE));

        assertThat(listed(Set.copyOf(family), null, null)).isEqualTo(family);
        assertThat(pagesAfter(customer)).isEqualTo(family);
        for (int i = 0; i < family.size(); i++) {
            assertThat(listed(Set.copyOf(family), null, family.get(i))).isEqualTo(family.subList(i + 1, family.size()));
        }
    }

    @Test
    void the_first_page_begins_before_every_id() {
        CustomerId first = new CustomerId("+" + customer);
        describe(first, ProfileUpdate.NONE);

        Page<Customer, CustomerId> page = ports().customers().customers(new CustomerQuery(null, null, null, 1));

        assertThat(page.items())
                .singleElement()
                .extracting(one -> one.id().value())
                .asString()
                .startsWith("+");
    }

    @Test
    void a_full_page_with_nothing_after_it_is_the_last() {
        List<CustomerId> family = familyOf(customer, "abc");
        family.forEach(id -> describe(id, ProfileUpdate.NONE));
        Set<CustomerId> ids = Set.copyOf(family);

        assertThat(ports().customers()
                        .customers(new CustomerQuery(ids, null, null, 3))
                        .next())
                .isNull();
        assertThat(ports().customers()
                        .customers(new CustomerQuery(ids, null, null, 2))
                        .next())
                .isEqualTo(family.get(1));
    }

    @Test
    void pages_go_on_where_they_ended_whatever_came_and_went_meanwhile() {
        List<CustomerId> family = familyOf(customer, "bdfh");
        family.forEach(id -> describe(id, ProfileUpdate.NONE));
        Set<CustomerId> ids = Set.copyOf(Stream.concat(family.stream(), familyOf(customer, "aceg").stream())
                .toList());
        CustomerQuery first = new CustomerQuery(ids, null, null, 2);
        Page<Customer, CustomerId> page = ports().customers().customers(first);
        assertThat(idsOf(page)).isEqualTo(family.subList(0, 2));

        Stream.of(1, 2).map(family::get).forEach(id -> ports().customers().erase(Examples.CALLER, id));
        familyOf(customer, "ae").forEach(id -> describe(id, ProfileUpdate.NONE));

        assertThat(listed(ids, null, page.next())).isEqualTo(familyOf(customer, "eh"));
    }
}
