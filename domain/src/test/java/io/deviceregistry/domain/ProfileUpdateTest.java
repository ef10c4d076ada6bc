package io.deviceregistry.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.deviceregistry.domain.InvalidMembersException.Violation;
import io.deviceregistry.domain.ProfileUpdate.Part;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProfileUpdateTest {
    private static final Profile BEFORE = new Profile("ada@example.com", "Ada", "Lovelace", "+44 20 7946 0000");

    @Test
    void what_is_absent_is_unchanged() {
        assertThat(ProfileUpdate.NONE.over(BEFORE)).isEqualTo(BEFORE);
    }

    @Test
    void what_is_given_takes_the_place_of_what_was_known_part_by_part() {
        assertThat(new ProfileUpdate(Part.set("a@b"), Part.KEPT, Part.KEPT, Part.KEPT).over(BEFORE))
                .isEqualTo(new Profile("a@b", "Ada", "Lovelace", "+44 20 7946 0000"));
        assertThat(new ProfileUpdate(Part.KEPT, Part.set("Augusta"), Part.KEPT, Part.KEPT).over(BEFORE))
                .isEqualTo(new Profile("ada@example.com", "Augusta", "Lovelace", "+44 20 7946 0000"));
        assertThat(new ProfileUpdate(Part.KEPT, Part.KEPT, Part.set("King"), Part.KEPT).over(BEFORE))
                .isEqualTo(new Profile("ada@example.com", "Ada", "King", "+44 20 7946 0000"));
        assertThat(new ProfileUpdate(Part.KEPT, Part.KEPT, Part.KEPT, Part.set("112")).over(BEFORE))
                .isEqualTo(new Profile("ada@example.com", "Ada", "Lovelace", "112"));
    }

    @Test
    void null_clears() {
        ProfileUpdate cleared = new ProfileUpdate(Part.set(null), Part.KEPT, Part.KEPT, Part.set(null));

        assertThat(cleared.over(BEFORE)).isEqualTo(new Profile(null, "Ada", "Lovelace", null));
    }

    @Test
    void a_first_description_is_all_that_is_known() {
        ProfileUpdate update = new ProfileUpdate(Part.KEPT, Part.set("Ada"), Part.set(null), Part.KEPT);

        assertThat(update.over(Profile.NONE)).isEqualTo(new Profile(null, "Ada", null, null));
    }

    @Test
    void an_update_that_would_break_a_rule_of_the_profile_is_refused_before_it_is_applied() {
        InvalidMembersException refused = catchThrowableOfType(
                InvalidMembersException.class,
                () -> new ProfileUpdate(Part.set("ada"), Part.KEPT, Part.set(""), Part.KEPT));

        assertThat(refused.violations())
                .extracting(Violation::path)
                .containsExactly(List.of("email"), List.of("last_name"));
    }

    @Test
    void what_a_part_is_set_to_is_never_shown_only_whether_it_is_set() {
        ProfileUpdate update = new ProfileUpdate(
                Part.set("ada@example.com"), Part.set("Ada"), Part.set("Lovelace"), Part.set("+44 20 7946 0000"));

        assertThat(update.toString()).doesNotContain("ada@example.com", "Ada", "Lovelace", "+44 20 7946 0000");
        assertThat(Part.set("Ada")).hasToString("set");
        assertThat(Part.set(null)).hasToString("set");
        assertThat(Part.KEPT).hasToString("kept");
    }
}
