package io.deviceregistry.application.testing;

import io.deviceregistry.application.port.out.DeviceProvider;
import io.deviceregistry.application.port.out.Outcome;
import io.deviceregistry.application.port.out.ProviderCall;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.ProviderId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/** A provider that remembers what it was told and answers as it is bid. Supports {@code android} and {@code ios}. */
public final class InMemoryProvider implements DeviceProvider {
    private final ProviderId id;
    private final List<ProviderCall> calls = new CopyOnWriteArrayList<>();
    private volatile BiFunction<ProviderCall, DeviceId, Outcome> behaviour =
            (_, device) -> new Outcome.Accepted("remote-" + device);

    private volatile int requestsPerMinute;

    public InMemoryProvider(ProviderId id) {
        this.id = id;
    }

    /** From now on, what becomes of each device of a call. */
    public void answers(BiFunction<ProviderCall, DeviceId, Outcome> newBehaviour) {
        behaviour = newBehaviour;
    }

    public void answers(Outcome outcome) {
        answers((_, _) -> outcome);
    }

    /** From now on, how many requests a minute it may be sent. */
    public void allows(int newRequestsPerMinute) {
        requestsPerMinute = newRequestsPerMinute;
    }

    /** Every call so far, refused ones included. */
    public List<ProviderCall> calls() {
        return List.copyOf(calls);
    }

    @Override
    public ProviderId id() {
        return id;
    }

    @Override
    public boolean supports(DeviceType type) {
        return type.equals(Examples.ANDROID) || type.equals(Examples.IOS);
    }

    @Override
    public int requestsPerMinute() {
        return requestsPerMinute;
    }

    @Override
    public int maxDevicesPerCall() {
        return 3;
    }

    @Override
    public Duration callDeadline() {
        return Duration.ofSeconds(1);
    }

    @Override
    public Map<DeviceId, Outcome> apply(ProviderCall call) {
        calls.add(call);
        return call.devices().stream()
                .collect(Collectors.toMap(device -> device, device -> behaviour.apply(call, device)));
    }
}
