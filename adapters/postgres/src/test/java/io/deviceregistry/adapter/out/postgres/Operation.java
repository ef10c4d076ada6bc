package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.in.ManageCustomers.Description;
import io.deviceregistry.application.port.in.RegisterDevices;
import io.deviceregistry.application.port.in.ReportInvalidDevices;
import io.deviceregistry.application.port.out.Answer;
import io.deviceregistry.application.port.out.CustomerQuery;
import io.deviceregistry.application.port.out.DeviceQuery;
import io.deviceregistry.application.port.out.DeviceQuery.SyncFilter;
import io.deviceregistry.application.port.out.IdempotentRequest;
import io.deviceregistry.application.port.out.RequestKey;
import io.deviceregistry.application.testing.Examples;
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
import io.deviceregistry.domain.Registration;
import io.deviceregistry.domain.SyncState;
import io.deviceregistry.domain.UnknownDeviceException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One call of a use case, in terms that hold for every registry: customers and tokens by number, devices by the order in
 * which the {@link Actor} was told of them, times in seconds after the beginning (null if the message does not tell).
 */
sealed interface Operation {
    /** In place of an answer where there is none. */
    String DONE = "done";

    /** @return the answer of the use case, as it is */
    Object ask(Actor actor);

    /** @param app what the metadata tell; null if nothing is said of them */
    record Entry(
            int token,
            String type,
            @Nullable String app,
            @Nullable Integer observed) {
        DeviceRegistration by(Actor actor) {
            return new DeviceRegistration(
                    new DeviceType(type), Actor.token(token), metadata(app), actor.observed(observed));
        }
    }

    record Update(
            @Nullable String type,
            @Nullable Integer token,
            @Nullable String app,
            @Nullable Integer observed) {
        DeviceUpdate by(Actor actor) {
            return new DeviceUpdate(
                    type == null ? null : new DeviceType(type),
                    token == null ? null : Actor.token(token),
                    metadata(app),
                    actor.observed(observed));
        }
    }

    private static @Nullable DeviceMetadata metadata(@Nullable String app) {
        return app == null ? null : new DeviceMetadata(app, null, null, null, null, Map.of("of", app));
    }

    private static Precondition precondition(@Nullable Long version) {
        return version == null ? Precondition.NONE : new Precondition(Set.of(version));
    }

    /** @param customer null for the device's owner */
    private static CustomerId ownerOr(@Nullable Integer customer, DeviceId device, Actor actor) {
        return customer == null ? actor.ownerOf(device) : Actor.customer(customer);
    }

    record Register(int customer, List<Entry> entries) implements Operation {
        @Override
        public Object ask(Actor actor) {
            return actor.useCases
                    .register()
                    .register(
                            Examples.CALLER,
                            Actor.customer(customer),
                            entries.stream().map(entry -> entry.by(actor)).toList());
        }

        /** As {@link #ask}, remembered by the use case itself. */
        Answer askOnce(Actor actor, IdempotentRequest request) {
            AtomicReference<List<Registration>> registrations = new AtomicReference<>(List.of());
            Answer answer = actor.useCases
                    .register()
                    .registerOnce(
                            Examples.CALLER,
                            Actor.customer(customer),
                            entries.stream().map(entry -> entry.by(actor)).toList(),
                            request,
                            made -> {
                                registrations.set(made);
                                return made.stream()
                                        .map(Registration::outcome)
                                        .toList()
                                        .toString();
                            });
            actor.remember(answer.repeated() ? List.of() : registrations.get());
            return answer;
        }
    }

    record Item(int customer, Entry entry) {}

    record RegisterEach(List<Item> items) implements Operation {
        @Override
        public Object ask(Actor actor) {
            return actor.useCases
                    .register()
                    .registerEach(
                            Examples.CALLER,
                            items.stream()
                                    .map(item -> new RegisterDevices.Item(
                                            Actor.customer(item.customer), item.entry.by(actor)))
                                    .toList());
        }
    }

    record Rotate(int customer, int current, Update update) implements Operation {
        @Override
        public Object ask(Actor actor) {
            return actor.useCases
                    .change()
                    .rotate(Examples.CALLER, Actor.customer(customer), Actor.token(current), update.by(actor));
        }
    }

    record Change(
            @Nullable Integer customer,
            int device,
            @Nullable Long version,
            Update update) implements Operation {
        @Override
        public Object ask(Actor actor) {
            DeviceId id = actor.device(device);
            return actor.useCases
                    .change()
                    .change(Examples.CALLER, ownerOr(customer, id, actor), id, precondition(version), update.by(actor));
        }
    }

    record Remove(
            @Nullable Integer customer,
            int device,
            @Nullable Long version) implements Operation {
        @Override
        public Object ask(Actor actor) {
            DeviceId id = actor.device(device);
            actor.useCases.remove().remove(Examples.CALLER, ownerOr(customer, id, actor), id, precondition(version));
            return DONE;
        }
    }

    record RemoveByToken(int customer, int token, @Nullable Integer observed) implements Operation {
        @Override
        public Object ask(Actor actor) {
            actor.useCases
                    .remove()
                    .remove(Examples.CALLER, Actor.customer(customer), Actor.token(token), actor.observed(observed));
            return DONE;
        }
    }

    record Dead(int token, String reason, @Nullable Integer observed) {}

    record Report(List<Dead> dead) implements Operation {
        @Override
        public Object ask(Actor actor) {
            return actor.useCases
                    .report()
                    .report(
                            Examples.CALLER,
                            dead.stream()
                                    .map(one -> new ReportInvalidDevices.Report(
                                            Actor.token(one.token),
                                            new InvalidReason(one.reason),
                                            actor.observed(one.observed)))
                                    .toList());
        }
    }

    /** @param email null to clear it, empty to keep it, as is the name */
    record Described(
            int customer, @Nullable String email, @Nullable String name, List<Entry> devices) {
        Description by(Actor actor) {
            return new Description(
                    Actor.customer(customer),
                    new ProfileUpdate(part(email), part(name), Part.KEPT, Part.KEPT),
                    devices.stream().map(entry -> entry.by(actor)).toList());
        }

        private static Part part(@Nullable String value) {
            return value != null && value.isEmpty() ? Part.KEPT : Part.set(value);
        }
    }

    record Describe(List<Described> customers) implements Operation {
        @Override
        public Object ask(Actor actor) {
            return actor.useCases
                    .customers()
                    .describe(
                            Examples.CALLER,
                            customers.stream().map(one -> one.by(actor)).toList());
        }
    }

    record Erase(int customer) implements Operation {
        @Override
        public Object ask(Actor actor) {
            return actor.useCases.customers().erase(Examples.CALLER, Actor.customer(customer));
        }
    }

    record AskForErasure(int erasure) implements Operation {
        @Override
        public Object ask(Actor actor) {
            return actor.useCases.customers().erasure(actor.erasure(erasure));
        }
    }

    record AskForDevice(@Nullable Integer customer, int device) implements Operation {
        @Override
        public Object ask(Actor actor) {
            DeviceId id = actor.device(device);
            return actor.useCases.find().device(ownerOr(customer, id, actor), id);
        }
    }

    record AskForSync(@Nullable Integer customer, int device) implements Operation {
        @Override
        public Object ask(Actor actor) {
            DeviceId id = actor.device(device);
            return actor.useCases
                    .ledger()
                    .standing(ownerOr(customer, id, actor), id)
                    .orElseThrow(() -> new UnknownDeviceException(id));
        }
    }

    record AskForCustomer(int customer) implements Operation {
        @Override
        public Object ask(Actor actor) {
            return actor.useCases.customers().customer(Actor.customer(customer));
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
        public Object ask(Actor actor) {
            return actor.useCases
                    .find()
                    .devices(new DeviceQuery(
                            customer == null ? null : Actor.customer(customer),
                            token == null ? null : Actor.token(token),
                            sync == null
                                    ? null
                                    : new SyncFilter(actor.useCases.providers().getFirst(), sync),
                            type == null ? null : new DeviceType(type),
                            Set.copyOf(statuses),
                            seenBefore == null ? null : actor.time(seenBefore),
                            seenAfter == null ? null : actor.time(seenAfter),
                            after == null ? null : actor.device(after),
                            limit));
        }
    }

    record ListCustomers(
            @Nullable List<String> emails, @Nullable Integer after, int limit) implements Operation {
        @Override
        public Object ask(Actor actor) {
            return actor.useCases
                    .customers()
                    .customers(new CustomerQuery(
                            null,
                            emails == null ? null : Set.copyOf(emails),
                            after == null ? null : Actor.customer(after),
                            limit));
        }
    }

    /** A change whose answer is remembered under a key, in one transaction with it. */
    record Once(int key, Operation change) implements Operation {
        @Override
        public Object ask(Actor actor) {
            IdempotentRequest request = new IdempotentRequest(
                    new RequestKey("caller", "operation", "key " + key),
                    change.toString().getBytes(StandardCharsets.UTF_8));
            Answer answer = change instanceof Register register
                    ? register.askOnce(actor, request)
                    : actor.useCases
                            .answers()
                            .once(request, () -> actor.asks(change).getClass().getSimpleName());
            return answer.content() + (answer.repeated() ? " again" : "");
        }
    }

    /** Devices that are unseen for long become invalid, removed ones are purged, erasures finished. */
    record KeepHouse() implements Operation {
        @Override
        public Object ask(Actor actor) {
            return actor.useCases.house().step();
        }
    }

    /** Leases all that a provider is to be told, customer after customer. */
    record Lease(int provider) implements Operation {
        @Override
        public Object ask(Actor actor) {
            return Syncing.leaseAll(actor, actor.useCases.providers().get(provider));
        }
    }

    /** Settles a part of what is leased. */
    record Settle(long chance) implements Operation {
        @Override
        public Object ask(Actor actor) {
            Syncing.settle(actor, chance);
            return DONE;
        }
    }
}
