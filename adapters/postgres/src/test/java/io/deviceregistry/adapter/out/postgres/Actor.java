package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.SyncTask;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.Erasure;
import io.deviceregistry.domain.ErasureId;
import io.deviceregistry.domain.Observation;
import io.deviceregistry.domain.Registration;
import io.deviceregistry.domain.RegistryException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who does {@link Operation}s and remembers from the answers what there is, so that "the second device that I
 * was told of" means the same wherever the same operations are done.
 */
final class Actor {
    /** Before all others in their order. */
    private static final UUID NOT_THERE = UUID.fromString("00000000-0000-7000-8000-000000000000");

    private static final CustomerId NOBODY = new CustomerId("nobody");

    final UseCases useCases;
    private final Instant begin;
    private final Map<DeviceId, CustomerId> devices = new LinkedHashMap<>();
    private final List<ErasureId> erasures = new ArrayList<>();

    /** Leased and not settled. */
    final List<Leased> leased = new ArrayList<>();

    record Leased(SyncLease lease, SyncTask task) {}

    /** @param begin what times that messages tell are relative to */
    Actor(UseCases useCases, Instant begin) {
        this.useCases = useCases;
        this.begin = begin;
    }

    /** @return what the use case returned, or the {@link RegistryException} that it threw */
    Object does(Operation operation) {
        try {
            return asks(operation);
        } catch (RegistryException e) {
            return e;
        }
    }

    /** @return what the use case returned */
    Object asks(Operation operation) {
        Object answer = operation.ask(this);
        remember(answer);
        return answer;
    }

    void remember(Object answer) {
        switch (answer) {
            case Collection<?> all -> all.forEach(this::remember);
            case Page<?, ?> page -> remember(page.items());
            case Registration registration -> remember(registration.device());
            case Device device -> devices.put(device.id(), device.customer());
            case Erasure erasure -> erasures.add(erasure.id());
            default -> {}
        }
    }

    /** One of the devices so far; of a negative number, none that there is. */
    DeviceId device(int number) {
        return number < 0 || devices.isEmpty()
                ? new DeviceId(NOT_THERE)
                : List.copyOf(devices.keySet()).get(number % devices.size());
    }

    CustomerId ownerOf(DeviceId device) {
        return devices.getOrDefault(device, NOBODY);
    }

    ErasureId erasure(int number) {
        return erasures.isEmpty() ? new ErasureId(NOT_THERE) : erasures.get(number % erasures.size());
    }

    static CustomerId customer(int number) {
        return new CustomerId("c" + number);
    }

    static DeviceToken token(int number) {
        return new DeviceToken("t" + number);
    }

    /** @param seconds after the beginning; null if the message does not tell */
    Observation observed(@Nullable Integer seconds) {
        return seconds == null ? Observation.ON_ARRIVAL : new Observation(time(seconds));
    }

    Instant time(int seconds) {
        return begin.plusSeconds(seconds);
    }
}
