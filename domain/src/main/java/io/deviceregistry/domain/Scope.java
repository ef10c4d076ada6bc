package io.deviceregistry.domain;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The part of the registry that one change looks at: nothing else of it is known to the change, and nobody else changes
 * any of it meanwhile.
 *
 * @param customers whose profile and number of active devices are asked for, and who may get new devices
 * @param tokens the tokens, each with the customer whose own device with it is asked for; its holder always is
 * @param devices devices asked for by their id
 * @param formerHolders whether it matters when those who no longer hold the tokens were last seen with them
 */
public record Scope(Set<CustomerId> customers, Set<Token> tokens, Set<DeviceId> devices, boolean formerHolders) {

    public static final Scope EMPTY = new Scope(Set.of(), Set.of(), Set.of(), false);

    /** @param customer null if only the token's holder matters */
    public record Token(@Nullable CustomerId customer, DeviceToken token) {}

    public Scope {
        customers = Set.copyOf(customers);
        tokens = Set.copyOf(tokens);
        devices = Set.copyOf(devices);
    }

    public Scope withCustomer(CustomerId customer) {
        return new Scope(union(customers, Set.of(customer)), tokens, devices, formerHolders);
    }

    /** Tokens that the customer has or is to have. */
    public Scope withTokens(CustomerId customer, Collection<DeviceToken> added) {
        Set<Token> all = new HashSet<>(tokens);
        added.forEach(token -> all.add(new Token(customer, token)));
        return new Scope(union(customers, Set.of(customer)), all, devices, formerHolders);
    }

    /** What registrations of the customer are about. */
    public Scope withRegistrations(CustomerId customer, Collection<DeviceRegistration> registrations) {
        Scope scope = withTokens(
                customer, registrations.stream().map(DeviceRegistration::token).toList());
        return registrations.stream()
                .map(DeviceRegistration::observed)
                .reduce(scope, Scope::withObservation, (one, _) -> one);
    }

    /** What is true when it arrives is newer than all that former holders did. */
    public Scope withObservation(Observation observed) {
        return new Scope(customers, tokens, devices, formerHolders || observed.at() != null);
    }

    /** A token whose holder, whoever that is, matters. */
    public Scope withHolderOf(DeviceToken token) {
        return new Scope(customers, union(tokens, Set.of(new Token(null, token))), devices, formerHolders);
    }

    public Scope withDevice(DeviceId device) {
        return new Scope(customers, tokens, union(devices, Set.of(device)), formerHolders);
    }

    private static <T> Set<T> union(Set<T> some, Set<T> more) {
        Set<T> all = new LinkedHashSet<>(some);
        all.addAll(more);
        return all;
    }
}
