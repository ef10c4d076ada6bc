package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.Scope;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What a scope comes to in the database: the hashes of its tokens, and the keys of the locks that keep others away from
 * it; those of devices that are asked for by id aside, whose tokens are not known yet.
 */
record Footprint(Scope scope, Map<DeviceToken, byte[]> hashes, Set<Long> customerLocks, Set<Long> tokenLocks) {

    static Footprint of(Scope scope, TokenVault vault) {
        Map<DeviceToken, byte[]> hashes = new HashMap<>();
        scope.tokens().forEach(token -> hashes.computeIfAbsent(token.token(), vault::hash));
        Set<Long> tokenLocks = new HashSet<>();
        hashes.values().forEach(hash -> tokenLocks.add(Locks.ofHash(hash)));
        Set<Long> customerLocks = new HashSet<>();
        scope.customers().forEach(customer -> customerLocks.add(Locks.ofCustomer(customer, vault)));
        return new Footprint(scope, hashes, customerLocks, tokenLocks);
    }

    /** Made anew only for a token that the scope does not name, since only its device does. */
    byte[] hashOf(DeviceToken token, TokenVault vault) {
        byte[] known = hashes.get(token);
        return known == null ? vault.hash(token) : known;
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
