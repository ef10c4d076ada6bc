package io.deviceregistry.domain;

import org.jspecify.annotations.Nullable;

/** Which parts of a profile are to change; a part that is set to null is cleared. */
public record ProfileUpdate(Part email, Part firstName, Part lastName, Part phoneNumber) {

    public static final ProfileUpdate NONE = new ProfileUpdate(Part.KEPT, Part.KEPT, Part.KEPT, Part.KEPT);

    /** @throws InvalidMembersException if a part breaks a rule of {@link Profile} */
    public ProfileUpdate {
        Profile _ = new Profile(email.value, firstName.value, lastName.value, phoneNumber.value);
    }

    /** @param given whether there is something to change */
    public record Part(boolean given, @Nullable String value) {
        public static final Part KEPT = new Part(false, null);

        public static Part set(@Nullable String value) {
            return new Part(true, value);
        }

        /** Says whether there is something to change and nothing of what it is. */
        @Override
        public String toString() {
            return given ? "set" : "kept";
        }

        private @Nullable String over(@Nullable String before) {
            return given ? value : before;
        }
    }

    Profile over(Profile before) {
        return new Profile(
                email.over(before.email()),
                firstName.over(before.firstName()),
                lastName.over(before.lastName()),
                phoneNumber.over(before.phoneNumber()));
    }
}
