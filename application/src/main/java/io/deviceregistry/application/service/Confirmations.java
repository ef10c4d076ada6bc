package io.deviceregistry.application.service;

import io.deviceregistry.application.port.out.Settlement;
import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.SyncLedger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * What a provider confirmed under the leases of one claim, written while the next request is under way: to wait for each
 * commit takes longer than a quick provider's answer. Until it is written its lease keeps everybody else from the
 * customer, so nothing is told twice or in another order.
 */
final class Confirmations {
    private final SyncLedger ledger;
    private final List<CompletableFuture<Void>> writes = new ArrayList<>();

    Confirmations(SyncLedger ledger) {
        this.ledger = ledger;
    }

    /** Begins to settle, and does not wait for it. */
    void write(SyncLease lease, List<Settlement> settlements) {
        writes.add(CompletableFuture.runAsync(() -> ledger.settle(lease, settlements), Thread::startVirtualThread));
    }

    /** Returns when all that was begun has ended, with the failures of what is not settled. */
    List<RuntimeException> await() {
        List<RuntimeException> failures = new ArrayList<>();
        for (CompletableFuture<Void> write : writes) {
            try {
                write.join();
            } catch (CompletionException e) {
                failures.add(e.getCause() instanceof RuntimeException cause ? cause : e);
            }
        }
        return failures;
    }
}
