package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.in.AnswerOnce;
import io.deviceregistry.application.port.in.ManageCustomers.Description;
import io.deviceregistry.application.port.in.RegisterDevices;
import io.deviceregistry.application.port.in.ReportInvalidDevices;
import io.deviceregistry.application.port.out.CustomerQuery;
import io.deviceregistry.application.port.out.DeviceQuery;
import io.deviceregistry.application.port.out.DeviceQuery.SyncFilter;
import io.deviceregistry.application.port.out.RequestKey;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceMetadata;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.DeviceUpdate;
import io.deviceregistry.domain.InvalidReason;
import io.deviceregistry.domain.Precondition;
import io.deviceregistry.domain.ProfileUpdate;
import io.deviceregistry.domain.ProfileUpdate.Part;
import io.deviceregistry.domain.SyncState;
import io.deviceregistry.domain.UnknownDeviceException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One call of a use case, in terms that hold for every registry: customers and tokens by number, devices by the order in
 * which the {@link Caller} was told of them, times in seconds after the beginning (null if the message does not tell).
 */
sealed interface Operation {
    /** In place of an answer where there is none. */
    String DONE = "done";

    /** @return the answer of the use case, as it is */
    Object ask(Caller caller);

    /** @param app what the metadata tell; null if nothing is said of them */
    record Entry(
            int token,
            String type,
            @Nullable String app,
            @Nullable Integer observed) {
        DeviceRegistration by(Caller caller) {
            return new DeviceRegistration(
                    new DeviceType(type), Caller.token(token), metadata(app), caller.observed(observed));
        }
    }

    record Update(
            @Nullable String type,
            @Nullable Integer token,
            @Nullable String app,
            @Nullable Integer observed) {
        DeviceUpdate by(Caller caller) {
            return new DeviceUpdate(
                    type == null ? null : new DeviceType(type),
                    token == null ? null : Caller.token(token),
                    metadata(app),
                    caller.observed(observed));
        }
    }

    private static @Nullable DeviceMetadata metadata(@Nullable String app) {
        return app == null ? null : new DeviceMetadata(app, null, null, null, null, Map.of("of", app));
    }

    private static Precondition precondition(@Nullable Long version) {
        return version == null ? Precondition.NONE : new Precondition(Set.of(version));
    }

    /** @param customer null for the device's owner */
    private static CustomerId ownerOr(@Nullable Integer customer, DeviceId device, Caller caller) {
        return customer == null ? caller.ownerOf(device) : Caller.customer(customer);
    }

    record Register(int customer, List<Entry> entries) implements Operation {
        @Override
        public Object ask(Caller caller) {
            return caller.useCases
                    .register()
                    .register(
                            Caller.customer(customer),
                            entries.stream().map(entry -> entry.by(caller)).toList());
        }
    }

    record Item(int customer, Entry entry) {}

    record RegisterEach(List<Item> items) implements Operation {
        @Override
        public Object ask(Caller caller) {
            return caller.useCases
                    .register()
                    .registerEach(items.stream()
                            .map(item ->
                                    new RegisterDevices.Item(Caller.customer(item.customer), item.entry.by(caller)))
                            .toList());
        }
    }

    record Rotate(int customer, int current, Update update) implements Operation {
        @Override
        public Object ask(Caller caller) {
            return caller.useCases.change().rotate(Caller.customer(customer), Caller.token(current), update.by(caller));
        }
    }

    record Change(
            @Nullable Integer customer,
            int device,
            @Nullable Long version,
            Update update) implements Operation {
        @Override
        public Object ask(Caller caller) {
            DeviceId id = caller.device(device);
            return caller.useCases
                    .change()
                    .change(ownerOr(customer, id, caller), id, precondition(version), update.by(caller));
        }
    }

    record Remove(
            @Nullable Integer customer,
            int device,
            @Nullable Long version) implements Operation {
        @Override
        public Object ask(Caller caller) {
            DeviceId id = caller.device(device);
            caller.useCases.remove().remove(ownerOr(customer, id, caller), id, precondition(version));
            return DONE;
        }
    }

    record RemoveByToken(int customer, int token, @Nullable Integer observed) implements Operation {
        @Override
        public Object ask(Caller caller) {
            caller.useCases.remove().remove(Caller.customer(customer), Caller.token(token), caller.observed(observed));
            return DONE;
        }
    }

    record Dead(int token, String reason, @Nullable Integer observed) {}

    record Report(List<Dead> dead) implements Operation {
        @Override
        public Object ask(Caller caller) {
            return caller.useCases
                    .report()
                    .report(dead.stream()
                            .map(one -> new ReportInvalidDevices.Report(
                                    Caller.token(one.token),
                                    new InvalidReason(one.reason),
                                    caller.observed(one.observed)))
                            .toList());
        }
    }

    /** @param email null to clear it, empty to keep it, as is the name */
    record Described(
            int customer, @Nullable String email, @Nullable String name, List<Entry> devices) {
        Description by(Caller caller) {
            return new Description(
                    Caller.customer(customer),
                    new ProfileUpdate(part(email), part(name), Part.KEPT, Part.KEPT),
                    devices.stream().map(entry -> entry.by(caller)).toList());
        }

        private static Part part(@Nullable String value) {
            return value != null && value.isEmpty() ? Part.KEPT : Part.set(value);
        }
    }

    record Describe(List<Described> customers) implements Operation {
        @Override
        public Object ask(Caller caller) {
            return caller.useCases
                    .customers()
                    .describe(customers.stream().map(one -> one.by(caller)).toList());
        }
    }

    record Erase(int customer) implements Operation {
        @Override
        public Object ask(Caller caller) {
            return caller.useCases.customers().erase(Caller.customer(customer));
        }
    }

    record AskForErasure(int erasure) implements Operation {
        @Override
        public Object ask(Caller caller) {
            return caller.useCases.customers().erasure(caller.erasure(erasure));
        }
    }

    record AskForDevice(@Nullable Integer customer, int device) implements Operation {
        @Override
        public Object ask(Caller caller) {
            DeviceId id = caller.device(device);
            return caller.useCases.find().device(ownerOr(customer, id, caller), id);
        }
    }

    record AskForSync(@Nullable Integer customer, int device) implements Operation {
        @Override
        public Object ask(Caller caller) {
            DeviceId id = caller.device(device);
            return caller.useCases
                    .ledger()
                    .standing(ownerOr(customer, id, caller), id)
                    .orElseThrow(() -> new UnknownDeviceException(id));
        }
    }

    record AskForCustomer(int customer) implements Operation {
        @Override
        public Object ask(Caller caller) {
            return caller.useCases.customers().customer(Caller.customer(customer));
        }
    }

    /** @param after the device, if any, behind which the page begins */
    record Search(
            @Nullable Integer customer,
            @Nullable Integer token,
            @Nullable SyncState sync,
            @Nullable String type,
            List<DeviceStatus> statuses,
            @Nullable Integer seenBefore,
            @Nullable Integer seenAfter,
            @Nullable Integer after,
            int limit)
            implements Operation {
        @Override
        public Object ask(Caller caller) {
            return caller.useCases
                    .find()
                    .devices(new DeviceQuery(
                            customer == null ? null : Caller.customer(customer),
                            token == null ? null : Caller.token(token),
                            sync == null
                                    ? null
                                    : new SyncFilter(caller.useCases.providers().getFirst(), sync),
                            type == null ? null : new DeviceType(type),
                            Set.copyOf(statuses),
                            seenBefore == null ? null : caller.time(seenBefore),
                            seenAfter == null ? null : caller.time(seenAfter),
                            after == null ? null : caller.device(after),
                            limit));
        }
    }

    record ListCustomers(
            @Nullable List<String> emails, @Nullable Integer after, int limit) implements Operation {
        @Override
        public Object ask(Caller caller) {
            return caller.useCases
                    .customers()
                    .customers(new CustomerQuery(
                            null,
                            emails == null ? null : Set.copyOf(emails),
                            after == null ? null : Caller.customer(after),
                            limit));
        }
    }

    /** A change whose answer is remembered under a key, in one transaction with it. */
    record Once(int key, Operation change) implements Operation {
        @Override
        public Object ask(Caller caller) {
            AnswerOnce.Answer answer = caller.useCases
                    .answers()
                    .once(
                            new RequestKey("caller", "operation", "key " + key),
                            change.toString().getBytes(StandardCharsets.UTF_8),
                            () -> caller.asks(change).getClass().getSimpleName());
            return answer.content() + (answer.repeated() ? " again" : "");
        }
    }

    /** Devices that are unseen for long become invalid, removed ones are purged, erasures finished. */
    record KeepHouse() implements Operation {
        @Override
        public Object ask(Caller caller) {
            return caller.useCases.house().step();
        }
    }

    /** Leases all that a provider is to be told, customer after customer. */
    record Lease(int provider) implements Operation {
        @Override
        public Object ask(Caller caller) {
            return Syncing.leaseAll(caller, caller.useCases.providers().get(provider));
        }
    }

    /** Settles a part of what is leased. */
    record Settle(long chance) implements Operation {
        @Override
        public Object ask(Caller caller) {
            Syncing.settle(caller, chance);
            return DONE;
        }
    }
}
