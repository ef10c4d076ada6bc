package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Profile;
import io.deviceregistry.domain.ProviderId;
import java.util.List;
import java.util.UUID;

/** The right to tell one provider about one customer's devices, for a limited time. */
public record SyncLease(UUID id, ProviderId provider, CustomerId customer, Profile profile, List<SyncTask> tasks) {
    public SyncLease {
        tasks = List.copyOf(tasks);
    }
}
