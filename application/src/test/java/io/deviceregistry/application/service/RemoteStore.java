package io.deviceregistry.application.service;

import io.deviceregistry.application.port.out.CreatesCustomers;
import io.deviceregistry.application.port.out.DeviceProvider;
import io.deviceregistry.application.port.out.ListsDevices;
import io.deviceregistry.application.port.out.Outcome;
import io.deviceregistry.application.port.out.ProviderCall;
import io.deviceregistry.application.testing.InMemoryProvider;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.Profile;
import io.deviceregistry.domain.ProviderId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A provider with a memory, which can be asked and told of customers. What it does and what it answers are two things: an
 * answer can get lost.
 */
final class RemoteStore implements DeviceProvider, ListsDevices, CreatesCustomers {
    private record Entry(CustomerId customer, RemoteDevice device) {}

    private final DeviceProvider like = new InMemoryProvider(new ProviderId("remote-store"));
    private final List<Entry> entries = new ArrayList<>();
    private final Set<CustomerId> customers = new HashSet<>();
    private final List<String> requests = new ArrayList<>();

    /** Whether it takes devices of customers only of whom it was told. */
    boolean strict;

    /** Instead of doing what it is asked. */
    Outcome.@Nullable Failure refusal;

    /** Whom the refusal is for; null for everybody. */
    @Nullable CustomerId refused;

    /** What is answered to a call that was done. */
    UnaryOperator<Outcome> answer = outcome -> outcome;

    Listing.@Nullable Failed listingFailure;
    boolean listingOffered = true;
    Outcome introduction = new Outcome.Accepted(null);

    /** In the order in which they came: {@code LIST}, {@code CUSTOMER} or the kind of a call. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    List<DeviceToken> tokensOf(CustomerId customer) {
        return entries.stream()
                .filter(entry -> entry.customer().equals(customer))
                .map(entry -> entry.device().token())
                .toList();
    }

    void holds(CustomerId customer, DeviceType type, DeviceToken token) {
        entries.add(new Entry(customer, new RemoteDevice("remote-" + entries.size(), type, token)));
    }

    void lose(DeviceToken token) {
        entries.removeIf(entry -> entry.device().token().equals(token));
    }

    @Override
    public ProviderId id() {
        return like.id();
    }

    @Override
    public boolean supports(DeviceType type) {
        return like.supports(type);
    }

    @Override
    public int requestsPerMinute() {
        return 0;
    }

    @Override
    public int maxDevicesPerCall() {
        return like.maxDevicesPerCall();
    }

    @Override
    public Duration callDeadline() {
        return like.callDeadline();
    }

    @Override
    public Map<DeviceId, Outcome> apply(ProviderCall call) {
        requests.add(call.getClass().getSimpleName());
        Outcome outcome;
        if (refusal != null && (refused == null || refused.equals(call.customer()))) {
            outcome = refusal;
        } else if (strict && !customers.contains(call.customer())) {
            outcome = new Outcome.CustomerUnknown("no such customer");
        } else {
            outcome = answer.apply(done(call));
        }
        return call.devices().stream().collect(Collectors.toMap(device -> device, _ -> outcome));
    }

    private Outcome done(ProviderCall call) {
        switch (call) {
            case ProviderCall.Create(CustomerId customer, List<Device> added) ->
                added.forEach(device -> holds(customer, device.type(), device.token()));
            case ProviderCall.Update(Device device, var held) -> {
                if (!forget(device.customer(), held.token())) {
                    return new Outcome.CustomerUnknown("no such device");
                }
                holds(device.customer(), device.type(), device.token());
            }
            case ProviderCall.Retire(Device device, DeviceToken token) -> forget(device.customer(), token);
        }
        return new Outcome.Accepted(null);
    }

    private boolean forget(CustomerId customer, DeviceToken token) {
        return entries.removeIf(entry ->
                entry.customer().equals(customer) && entry.device().token().equals(token));
    }

    @Override
    public Listing devicesOf(CustomerId customer) {
        requests.add("LIST");
        if (!listingOffered) {
            return new Listing.NotOffered();
        }
        return listingFailure != null
                ? listingFailure
                : new Listing.Complete(entries.stream()
                        .filter(entry -> entry.customer().equals(customer))
                        .map(Entry::device)
                        .toList());
    }

    @Override
    public boolean isEnough(Profile profile) {
        return profile.email() != null;
    }

    @Override
    public Outcome createCustomer(CustomerId customer, Profile profile) {
        requests.add("CUSTOMER");
        if (introduction instanceof Outcome.Accepted) {
            customers.add(customer);
        }
        return introduction;
    }
}
