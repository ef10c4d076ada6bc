package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.in.RegisterDevices.ItemResult;
import io.deviceregistry.application.port.out.CustomerQuery;
import io.deviceregistry.application.port.out.DeviceQuery;
import io.deviceregistry.application.port.out.Holding;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.application.port.out.SyncTask;
import io.deviceregistry.domain.Customer;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceMetadata;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.Erasure;
import io.deviceregistry.domain.Profile;
import io.deviceregistry.domain.ProviderSync;
import io.deviceregistry.domain.Registration;
import io.deviceregistry.domain.Registry.DescribedCustomer;
import io.deviceregistry.domain.RegistryException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Answers in words that do not depend on who gave them: ids are numbered in the order of their appearance, and times are
 * named by a function.
 */
final class Transcript {
    private static final Pattern UUIDS = Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");
    private static final int ALL = 900;

    private final Function<Instant, String> times;
    private final Map<UUID, Integer> numbers = new HashMap<>();

    Transcript(Function<Instant, String> times) {
        this.times = times;
    }

    String of(Object answer) {
        return switch (answer) {
            case RegistryException e ->
                e.getClass().getSimpleName() + ": "
                        + UUIDS.matcher(e.getMessage()).replaceAll(id -> id(UUID.fromString(id.group())));
            case Collection<?> all -> all.stream().map(this::of).collect(Collectors.joining("; ", "[", "]"));
            case Page<?, ?> page -> of(page.items()) + (page.next() == null ? "" : " next " + of(page.next()));
            case Registration(Device device, var outcome) -> outcome + " " + of(device);
            case ItemResult.Registered(Registration registration) -> of(registration);
            case ItemResult.Refused(RegistryException reason) -> of(reason);
            case DescribedCustomer(Customer customer, boolean created) -> (created ? "new " : "") + of(customer);
            case Customer customer -> customer(customer);
            case Device device -> device(device);
            case DeviceId(UUID id) -> id(id);
            case Erasure erasure -> erasure(erasure);
            case ProviderSync sync -> sync(sync);
            case SyncTask task -> task(task);
            default -> answer.toString();
        };
    }

    private String id(UUID id) {
        return "#" + numbers.computeIfAbsent(id, _ -> numbers.size() + 1);
    }

    private String time(@Nullable Instant time) {
        return time == null ? "never" : times.apply(time);
    }

    private String device(Device device) {
        return "%s %s registered=%s seen=%s asOf=%s since=%s"
                .formatted(
                        id(device.id().value()),
                        contentOf(device),
                        time(device.registeredAt()),
                        time(device.lastSeenAt()),
                        time(device.asOf()),
                        time(device.statusSince()));
    }

    /** All but its id and times. */
    static String contentOf(Device device) {
        return "%s %s %s %s%s%s v%d%s"
                .formatted(
                        device.customer(),
                        device.token().value(),
                        device.type(),
                        device.status(),
                        device.removalReason() == null ? "" : "/" + device.removalReason(),
                        device.invalidReason() == null ? "" : "/" + device.invalidReason(),
                        device.version(),
                        device.metadata().equals(DeviceMetadata.NONE) ? "" : " " + device.metadata());
    }

    private String customer(Customer customer) {
        return "%s %s created=%s updated=%s"
                .formatted(
                        customer.id(),
                        contentOf(customer.profile()),
                        time(customer.createdAt()),
                        time(customer.updatedAt()));
    }

    static String contentOf(Profile profile) {
        return "%s %s %s %s".formatted(profile.email(), profile.firstName(), profile.lastName(), profile.phoneNumber());
    }

    private String erasure(Erasure erasure) {
        return "erasure %s of %d requested=%s completed=%s %s"
                .formatted(
                        id(erasure.id().value()),
                        erasure.devices(),
                        time(erasure.requestedAt()),
                        time(erasure.completedAt()),
                        erasure.providers());
    }

    private String sync(ProviderSync sync) {
        return "%s %s remote=%s attempts=%d/%d %s %s next=%s"
                .formatted(
                        sync.provider(),
                        sync.state(),
                        sync.remoteId(),
                        sync.attempts(),
                        sync.unconfirmedAttempts(),
                        sync.reason(),
                        sync.lastError(),
                        time(sync.nextAttemptAt()));
    }

    private String task(SyncTask task) {
        Device device = task.device();
        // A provider is told that a device is gone by what it holds; the registry may have forgotten the rest.
        boolean gone = !device.isActive() && task.holding() != null;
        return "tell %s of %s (failures %d, strikes %d%s)"
                .formatted(
                        contentOf(task),
                        gone ? id(device.id().value()) + " gone" : device(device),
                        task.failures(),
                        task.strikes(),
                        task.uncertain() ? ", in doubt" : "");
    }

    /** The version that is desired, and what the provider holds. */
    static String contentOf(SyncTask task) {
        Holding held = task.holding();
        return "v%d, holding %s"
                .formatted(
                        task.version(),
                        held == null
                                ? "nothing"
                                : held.remoteId() + " " + held.type() + " "
                                        + held.token().value());
    }

    /** All devices, how the providers stand towards each, and all customers; one line each. */
    List<String> stateOf(UseCases useCases) {
        List<String> lines = new ArrayList<>();
        for (Device device : devicesOf(useCases)) {
            lines.add(of(device));
            useCases.ledger()
                    .standing(device.customer(), device.id())
                    .orElseThrow()
                    .forEach(sync -> lines.add(id(device.id().value()) + " at " + of(sync)));
        }
        customersOf(useCases).forEach(customer -> lines.add(of(customer)));
        return lines;
    }

    /** As {@link #stateOf}, but without ids and times, and in an order that does not depend on them. */
    static List<String> contentsOf(UseCases useCases) {
        return Stream.concat(
                        devicesOf(useCases).stream().map(Transcript::contentOf),
                        customersOf(useCases).stream()
                                .map(customer -> customer.id() + " " + contentOf(customer.profile())))
                .sorted()
                .toList();
    }

    static List<Device> devicesOf(UseCases useCases) {
        List<Device> devices = new ArrayList<>();
        DeviceId after = null;
        do {
            Page<Device, DeviceId> page = useCases.find()
                    .devices(new DeviceQuery(
                            null, null, null, null, EnumSet.allOf(DeviceStatus.class), null, null, after, ALL));
            devices.addAll(page.items());
            after = page.next();
        } while (after != null);
        return devices;
    }

    static List<Customer> customersOf(UseCases useCases) {
        return useCases.customers()
                .customers(new CustomerQuery(null, null, null, ALL))
                .items();
    }
}
