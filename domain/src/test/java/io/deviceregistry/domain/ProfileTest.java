package io.deviceregistry.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.deviceregistry.domain.InvalidMembersException.Violation;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProfileTest {
    private static final String NOT_PLAIN = "must be valid Unicode without control characters";

    private static List<Violation> emailViolations(String email) {
        return catchThrowableOfType(InvalidMembersException.class, () -> new Profile(email, null, null, null))
                .violations();
    }

    private static Violation violation(String member, String rule) {
        return new Violation(List.of(member), rule);
    }

    @Test
    void every_part_may_be_as_long_as_its_limit() {
        String email = "a".repeat(64) + "@" + "b".repeat(255);

        Profile longest = new Profile(email, "f".repeat(256), "l".repeat(256), "1".repeat(64));

        assertThat(longest.email()).hasSize(320);
        assertThat(longest.phoneNumber()).hasSize(64);
    }

    @Test
    void all_violations_are_told_at_once_each_by_the_name_that_callers_know() {
        InvalidMembersException refused = catchThrowableOfType(
                InvalidMembersException.class, () -> new Profile("ada", "f".repeat(257), "", "1".repeat(65)));

        assertThat(refused).hasMessage("Some members are not valid.");
        assertThat(refused.violations())
                .containsExactly(
                        violation("email", "must be an e-mail address"),
                        violation("first_name", "must be 1 to 256 characters"),
                        violation("last_name", "must be 1 to 256 characters"),
                        violation("phone_no", "must be 1 to 64 characters"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a@b", "first.last+tag@example.com", "\"a@b\"@example.com", "käthe@bücher.example"})
    void an_email_address_has_an_at_sign_between_others_and_no_other_form_is_asked_for(String email) {
        assertThat(new Profile(email, null, null, null).email()).isEqualTo(email);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ada", "@", "@example.com", "ada@", "ada@example.com@"})
    void any_other_email_address_is_refused(String email) {
        assertThat(emailViolations(email)).containsExactly(violation("email", "must be an e-mail address"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ada@example.com", "ada"})
    void customers_may_be_looked_for_by_any_text_of_the_kind_of_an_email_address(String email) {
        assertThat(Profile.emailToLookFor(email)).isEqualTo(email);
    }

    @Test
    void a_text_that_no_email_address_can_be_is_not_looked_for() {
        assertThatExceptionOfType(InvalidValueException.class)
                .isThrownBy(() -> Profile.emailToLookFor("a\0@example.com"))
                .withMessage(NOT_PLAIN);
        for (String length : List.of("", "a".repeat(321))) {
            assertThatExceptionOfType(InvalidValueException.class)
                    .isThrownBy(() -> Profile.emailToLookFor(length))
                    .withMessage("must be 1 to 320 characters");
        }
    }

    @Test
    void a_member_that_breaks_two_rules_is_told_the_first() {
        assertThat(emailViolations("a".repeat(321))).containsExactly(violation("email", "must be 1 to 320 characters"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\0", "a\nb", "\uD800"})
    void what_cannot_be_stored_as_it_is_is_refused_in_every_part(String text) {
        InvalidMembersException refused =
                catchThrowableOfType(InvalidMembersException.class, () -> new Profile(text, text, text, text));

        assertThat(refused.violations())
                .containsExactly(
                        violation("email", NOT_PLAIN),
                        violation("first_name", NOT_PLAIN),
                        violation("last_name", NOT_PLAIN),
                        violation("phone_no", NOT_PLAIN));
    }

    @ParameterizedTest
    @ValueSource(strings = {"O'Brien-Łukasz", "李", "+49 (0)30 1234-56", "ext. 7"})
    void no_form_of_names_and_phone_numbers_is_asked_for(String text) {
        Profile profile = new Profile(null, text, text, text);

        assertThat(profile).isEqualTo(new Profile(null, text, text, text));
    }

    @Test
    void what_is_in_a_profile_is_never_shown() {
        Profile profile = new Profile("ada@example.com", "Ada", "Lovelace", "+44 20 7946 0000");

        assertThat(profile).hasToString("a profile");
        assertThat(Profile.NONE).hasToString("no profile");
    }
}
