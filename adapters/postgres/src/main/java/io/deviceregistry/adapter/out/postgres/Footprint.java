package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.domain.Scope;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a scope comes to in the database: the hashes of its tokens, and the keys of the locks that keep others away from
 * it; those of devices that are asked for by id aside, whose tokens are not known yet.
 */
record Footprint(
        Scope scope, List<Scope.Token> tokens, List<byte[]> hashes, Set<Long> customerLocks, Set<Long> tokenLocks) {

    static Footprint of(Scope scope, TokenVault vault) {
        List<Scope.Token> tokens = List.copyOf(scope.tokens());
        List<byte[]> hashes = new ArrayList<>(tokens.size());
        Set<Long> tokenLocks = new HashSet<>();
        for (Scope.Token token : tokens) {
            byte[] hash = vault.hash(token.token());
            hashes.add(hash);
            tokenLocks.add(Locks.ofHash(hash));
        }
        Set<Long> customerLocks = new HashSet<>();
        scope.customers().forEach(customer -> customerLocks.add(Locks.ofCustomer(customer, vault)));
        return new Footprint(scope, tokens, hashes, customerLocks, tokenLocks);
    }

    /** Whether the locks are all that it takes. */
    boolean isWhole() {
        return scope.devices().isEmpty();
    }

    int locks() {
        return customerLocks.size() + tokenLocks.size();
    }

    boolean needsAnyOf(Collection<Long> locks) {
        return customerLocks.stream().anyMatch(locks::contains)
                || tokenLocks.stream().anyMatch(locks::contains);
    }
}
