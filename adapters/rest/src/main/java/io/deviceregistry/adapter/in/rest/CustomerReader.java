package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.deviceregistry.application.port.in.ManageCustomers.Description;
import io.deviceregistry.domain.ConflictingTypesException;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.InvalidMembersException;
import io.deviceregistry.domain.ProfileUpdate;
import io.deviceregistry.domain.ProfileUpdate.Part;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads what requests say of customers, with what clients of Bunce's API say besides. */
@ApplicationScoped
class CustomerReader {
    static final int MAX_CUSTOMERS = 500;

    /** Of all customers of a request together. */
    static final int MAX_DEVICES = 500;

    /** Clients of Bunce's API send back a customer as they got it; what only the server sets is ignored. */
    private static final Set<String> READ_ONLY =
            Set.of("providers", "created_at", "customer_created_at", "updated_at", "updated_by", "last_interaction");

    private static final Set<String> MEMBERS =
            union(READ_ONLY, Set.of("customer_id", "email", "first_name", "last_name", "phone_no", "devices"));

    private final DeviceReader devices;

    CustomerReader(DeviceReader devices) {
        this.devices = devices;
    }

    /** A body that names its customer. */
    Optional<Description> named(JsonNode body, Faults faults) {
        return Optional.ofNullable(JsonObject.body(body, MEMBERS, faults)).flatMap(object -> named(object, faults));
    }

    /** A body whose customer stands in the path; it may repeat it. */
    Optional<Description> of(Optional<CustomerId> customer, JsonNode body, Faults faults) {
        JsonObject object = JsonObject.body(body, MEMBERS, faults);
        if (object == null) {
            return Optional.empty();
        }
        String repeated = object.optionalText("customer_id");
        if (repeated != null
                && customer.isPresent()
                && !repeated.equals(customer.get().value())) {
            faults.add(Fault.at(object.pointerTo("customer_id"), "must be the customer in the path, or absent"));
        }
        return description(customer, object, faults);
    }

    /** Many customers, in an object or as a bare array. */
    List<Description> many(JsonNode body, Faults faults) {
        List<@Nullable JsonObject> objects;
        if (body.isArray()) {
            objects = JsonObject.bodyObjects(body, 1, MAX_CUSTOMERS, MEMBERS, faults);
        } else {
            JsonObject root = JsonObject.body(body, Set.of("customers"), faults);
            objects = root == null ? List.of() : root.requiredObjects("customers", 1, MAX_CUSTOMERS, MEMBERS);
        }
        List<Description> descriptions = new ArrayList<>();
        Contest contest = new Contest();
        for (JsonObject object : objects) {
            if (object != null) {
                named(object, faults).ifPresent(description -> {
                    contest.enter(description, object, faults);
                    descriptions.add(description);
                });
            }
        }
        if (descriptions.stream().mapToInt(one -> one.devices().size()).sum() > MAX_DEVICES) {
            faults.add(Fault.at(
                    body.isArray() ? "" : "/customers",
                    "must have at most " + MAX_DEVICES + " devices in all customers together"));
        }
        return descriptions;
    }

    /** Tokens of one request, each of which may be given to one customer with one type. */
    private static final class Contest {
        /** @param stands the part of the request, which was held against itself already */
        private record Holder(CustomerId customer, DeviceType type, JsonObject stands) {}

        private final Map<DeviceToken, Holder> holders = new HashMap<>();

        void enter(Description description, JsonObject object, Faults faults) {
            List<DeviceRegistration> all = description.devices();
            for (int i = 0; i < all.size(); i++) {
                Holder holder = new Holder(description.customer(), all.get(i).type(), object);
                Holder first = holders.putIfAbsent(all.get(i).token(), holder);
                if (first != null && !first.customer().equals(holder.customer())) {
                    faults.add(Fault.at(
                            object.pointerTo(List.of("devices", String.valueOf(i), "device_token")),
                            "is given to another customer earlier in the request"));
                } else if (first != null
                        && first.stands() != object
                        && !first.type().equals(holder.type())) {
                    faults.add(Fault.at(
                            object.pointerTo(List.of("devices", String.valueOf(i), "device_type")),
                            ConflictingTypesException.RULE));
                }
            }
        }
    }

    private Optional<Description> named(JsonObject object, Faults faults) {
        return description(
                faults.member(object.pointerTo("customer_id"), object.requiredText("customer_id"), CustomerId::new),
                object,
                faults);
    }

    private Optional<Description> description(Optional<CustomerId> customer, JsonObject object, Faults faults) {
        Optional<ProfileUpdate> profile = profile(object, faults);
        List<DeviceRegistration> registered = devices.registrations(
                object.optionalObjects("devices", DeviceReader.MAX_DEVICES, DeviceReader.MEMBERS), faults);
        return customer.isPresent() && profile.isPresent()
                ? Optional.of(new Description(customer.get(), profile.get(), registered))
                : Optional.empty();
    }

    private static Optional<ProfileUpdate> profile(JsonObject object, Faults faults) {
        try {
            return Optional.of(new ProfileUpdate(
                    part(object, "email"),
                    part(object, "first_name"),
                    part(object, "last_name"),
                    part(object, "phone_no")));
        } catch (InvalidMembersException e) {
            faults.addAll(object, e);
            return Optional.empty();
        }
    }

    private static Part part(JsonObject object, String member) {
        return object.has(member) ? Part.set(object.optionalText(member)) : Part.KEPT;
    }

    private static Set<String> union(Set<String> some, Set<String> more) {
        Set<String> all = new HashSet<>(some);
        all.addAll(more);
        return Set.copyOf(all);
    }
}
