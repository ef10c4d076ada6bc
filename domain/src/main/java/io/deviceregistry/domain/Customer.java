package io.deviceregistry.domain;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A person or account of the company. It need not be announced: the first registration of a device brings it into being,
 * without a profile. It ends with its erasure; a registration after that begins a new one.
 *
 * @param updatedAt the last change of the profile; until there is one, when the customer came into being
 * @param updatedBy who made that; null if it was before that was recorded
 */
public record Customer(
        CustomerId id,
        Profile profile,
        Instant createdAt,
        Instant updatedAt,
        @Nullable Caller updatedBy) {

    static Customer brought(CustomerId id, Caller by, Instant now) {
        return new Customer(id, Profile.NONE, now, now, by);
    }

    /** This customer after the update; itself where that says nothing new. */
    public Customer described(ProfileUpdate update, Caller by, Instant now) {
        Profile after = update.over(profile);
        return after.equals(profile) ? this : new Customer(id, after, createdAt, now, by);
    }
}
