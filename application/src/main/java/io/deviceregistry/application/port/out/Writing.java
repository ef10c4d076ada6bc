package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.ProviderId;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * On whose behalf something is written, and who is told of it.
 *
 * @param by is noted with every change of a device, and of a customer's profile
 * @param providers all that must be told
 * @param lane in which what becomes due waits; what is due already stays where it waits
 * @param origin what led to it, by {@link Traces#current}: kept with what becomes due, in place of what led there before
 */
public record Writing(
        Caller by,
        Set<ProviderId> providers,
        SyncLane lane,
        @Nullable String origin) {
    public Writing {
        providers = Set.copyOf(providers);
    }
}
