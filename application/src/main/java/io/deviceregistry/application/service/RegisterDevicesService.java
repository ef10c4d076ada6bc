package io.deviceregistry.application.service;

import io.deviceregistry.application.port.in.RegisterDevices;
import io.deviceregistry.application.port.out.Answer;
import io.deviceregistry.application.port.out.IdempotentRequest;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.ConflictingTypesException;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.Registration;
import io.deviceregistry.domain.Registry;
import io.deviceregistry.domain.RegistryException;
import io.deviceregistry.domain.Scope;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Registers devices, each token once. */
public final class RegisterDevicesService implements RegisterDevices {
    private final RegistryWriter writer;
    private final int maxDevices;
    private final Duration answerRetention;

    /**
     * @param maxDevices the most active devices that a customer may have
     * @param answerRetention how long an answer is remembered
     */
    public RegisterDevicesService(RegistryWriter writer, int maxDevices, Duration answerRetention) {
        this.writer = writer;
        this.maxDevices = maxDevices;
        this.answerRetention = answerRetention;
    }

    @Override
    public List<Registration> register(Caller by, CustomerId customer, List<DeviceRegistration> devices) {
        Registering registering = registering(customer, devices);
        return registering.answers(writer.change(by, registering.scope(), registering::in));
    }

    @Override
    public Answer registerOnce(
            Caller by,
            CustomerId customer,
            List<DeviceRegistration> devices,
            IdempotentRequest request,
            Function<List<Registration>, String> answer) {
        Registering registering = registering(customer, devices);
        return writer.changeOnce(
                by,
                registering.scope(),
                request,
                answerRetention,
                registry -> answer.apply(registering.answers(registering.in(registry))));
    }

    private Registering registering(CustomerId customer, List<DeviceRegistration> devices) {
        requireOneTypePerToken(devices);
        return new Registering(customer, devices, DeviceRegistration.byToken(devices), maxDevices);
    }

    /** @param entries as they were asked for, each to be answered */
    private record Registering(
            CustomerId customer,
            List<DeviceRegistration> entries,
            Map<DeviceToken, DeviceRegistration> byToken,
            int maxDevices) {

        Scope scope() {
            return Scope.EMPTY.withRegistrations(customer, byToken.values());
        }

        Map<DeviceToken, Registration> in(Registry registry) {
            return byToken.values().stream()
                    .collect(Collectors.toMap(
                            DeviceRegistration::token, entry -> registry.register(customer, entry, maxDevices)));
        }

        List<Registration> answers(Map<DeviceToken, Registration> results) {
            return entries.stream()
                    .map(entry -> Objects.requireNonNull(results.get(entry.token())))
                    .toList();
        }
    }

    private static void requireOneTypePerToken(List<DeviceRegistration> devices) {
        TreeMap<Integer, DeviceRegistration> entries = new TreeMap<>(
                IntStream.range(0, devices.size()).boxed().collect(Collectors.toMap(i -> i, devices::get)));
        List<Integer> conflicts = DeviceRegistration.conflictingTypes(entries);
        if (!conflicts.isEmpty()) {
            throw new ConflictingTypesException(conflicts);
        }
    }

    @Override
    public List<ItemResult> registerEach(Caller by, List<Item> items) {
        if (items.size() > MAX_ITEMS) {
            throw new IllegalArgumentException("At most " + MAX_ITEMS + " items at once");
        }
        Scope scope = items.stream()
                .reduce(
                        Scope.EMPTY,
                        (sum, item) -> sum.withRegistrations(item.customer(), List.of(item.device())),
                        (one, _) -> one);
        return writer.change(
                by,
                scope,
                registry -> items.stream().map(item -> register(registry, item)).toList());
    }

    private ItemResult register(Registry registry, Item item) {
        try {
            return new ItemResult.Registered(registry.register(item.customer(), item.device(), maxDevices));
        } catch (RegistryException e) {
            return new ItemResult.Refused(e);
        }
    }
}
