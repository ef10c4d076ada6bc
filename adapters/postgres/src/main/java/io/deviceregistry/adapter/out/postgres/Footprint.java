package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.Scope;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a scope comes to in the database: the hashes of its tokens, and the keys of the locks that keep others away from
 * it; those of devices that are asked for by id aside, whose tokens are not known yet.
 *
 * @param made by what the hashes were made, and the locks of them: worth nothing in another phase
 * @param record where the answer is remembered to the request that asks for the change; null if none is
 */
record Footprint(
        Scope scope,
        TokenHashes made,
        Map<DeviceToken, byte[]> hashes,
        Set<Long> customerLocks,
        Set<Long> tokenLocks,
        @Nullable IdempotencyRecord record) {

    static Footprint of(Scope scope, TokenHashes made) {
        return of(scope, made, null);
    }

    static Footprint of(Scope scope, TokenHashes made, @Nullable IdempotencyRecord record) {
        Map<DeviceToken, byte[]> hashes = new HashMap<>();
        scope.tokens().forEach(token -> hashes.computeIfAbsent(token.token(), made::of));
        Set<Long> tokenLocks = new HashSet<>();
        hashes.values().forEach(hash -> tokenLocks.add(Locks.ofHash(hash)));
        Set<Long> customerLocks = new HashSet<>();
        scope.customers().forEach(customer -> customerLocks.add(Locks.ofCustomer(customer, made)));
        return new Footprint(scope, made, hashes, customerLocks, tokenLocks, record);
    }

    /** Made anew only for a token that the scope does not name, since only its device does. */
    byte[] hashOf(DeviceToken token) {
        byte[] known = hashes.get(token);
        return known == null ? made.of(token) : known;
    }

    /** Whether the locks that two have say whether they are about the same. */
    boolean isLike(Footprint other) {
        return made.phase().equals(other.made.phase());
    }

    /** Whether the locks are all that it takes. */
    boolean isWhole() {
        return scope.devices().isEmpty();
    }

    /** Of the request; they are tried, and never waited for. */
    Set<Long> recordLocks() {
        return record == null ? Set.of() : record.locks();
    }

    int locks() {
        return customerLocks.size() + tokenLocks.size() + recordLocks().size();
    }

    void addLocksTo(Collection<Long> locks) {
        locks.addAll(customerLocks);
        locks.addAll(tokenLocks);
        locks.addAll(recordLocks());
    }

    boolean needsAnyOf(Set<Long> locks) {
        return !Collections.disjoint(customerLocks, locks)
                || !Collections.disjoint(tokenLocks, locks)
                || !Collections.disjoint(recordLocks(), locks);
    }
}
