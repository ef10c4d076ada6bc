package io.deviceregistry.domain;

import java.time.Instant;

/**
 * A person or account of the company. It need not be announced: the first registration of a device brings it into being,
 * without a profile. It ends with its erasure; a registration after that begins a new one.
 *
 * @param updatedAt the last change of the profile
 */
public record Customer(CustomerId id, Profile profile, Instant createdAt, Instant updatedAt) {

    static Customer brought(CustomerId id, Instant now) {
        return new Customer(id, Profile.NONE, now, now);
    }

    /** This customer after the update; itself where that says nothing new. */
    public Customer described(ProfileUpdate update, Instant now) {
        Profile after = update.over(profile);
        return after.equals(profile) ? this : new Customer(id, after, createdAt, now);
    }
}
