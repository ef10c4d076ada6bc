package io.deviceregistry.adapter.in.rest;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import io.deviceregistry.adapter.in.rest.BatchJson.ItemCode;
import io.deviceregistry.adapter.in.rest.BatchJson.ItemStatus;
import io.deviceregistry.adapter.in.rest.BatchJson.Result;
import io.deviceregistry.application.port.in.RegisterDevices;
import io.deviceregistry.application.port.in.RegisterDevices.Item;
import io.deviceregistry.application.port.in.RegisterDevices.ItemResult;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceType;
import io.quarkus.security.PermissionsAllowed;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/**
 * Registrations of many customers, each of which succeeds or fails by itself. They are stored in steps of some dozens, so
 * that nobody else waits for a thousand locks.
 */
@Path("/v1/devices:batch")
@Produces(MediaType.APPLICATION_JSON)
@PermissionsAllowed(Scopes.DEVICES_WRITE)
@RunOnVirtualThread
@Tag(name = "Devices")
class BatchResource {
    static final int MAX_ITEMS = 1_000;

    private static final Set<String> MEMBERS =
            Set.of("customer_id", "device_type", "device_token", "metadata", "observed_at");

    private final RegisterDevices registerDevices;
    private final DeviceReader reader;
    private final IdempotentAnswers answers;
    private final CurrentCaller current;

    BatchResource(
            RegisterDevices registerDevices, DeviceReader reader, IdempotentAnswers answers, CurrentCaller current) {
        this.registerDevices = registerDevices;
        this.reader = reader;
        this.answers = answers;
        this.current = current;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "registerBatch",
            summary = "Register devices of many customers",
            description = "Up to 1000 items. What one item breaks does not hinder the others. One token for two "
                    + "customers, or with two types, is an error of all items that have it.")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = BatchJson.Request.class)))
    @APIResponse(
            responseCode = "200",
            description = "All items are registered",
            content = @Content(schema = @Schema(implementation = BatchJson.Results.class)))
    @APIResponse(
            responseCode = "207",
            description = "Some items failed",
            content = @Content(schema = @Schema(implementation = BatchJson.Results.class)))
    public Response register(InputStream body) {
        Faults faults = new Faults();
        answers.check(faults);
        JsonBody request = JsonBody.readMany(body);
        JsonObject root = JsonObject.body(request.root(), Set.of("items"), faults);
        List<JsonNode> elements = root == null ? List.of() : root.requiredElements("items", 1, MAX_ITEMS);
        faults.throwIfAny();

        Map<Integer, Item> items = new TreeMap<>();
        Map<Integer, Result> results = new TreeMap<>();
        Claims claims = new Claims();
        for (int i = 0; i < elements.size(); i++) {
            read(i, elements.get(i), items, results, claims);
        }
        items.entrySet().removeIf(entry -> {
            boolean contested = claims.contested(entry.getValue().device().token());
            if (contested) {
                results.put(
                        entry.getKey(),
                        Result.error(
                                entry.getKey(),
                                ItemCode.CONFLICTING_ITEMS,
                                "Another item gives the same token to another customer, or another type to it."));
            }
            return contested;
        });
        mergeRepeated(items);
        List<Result> all = store(request, elements.size(), items, results);
        boolean failed = all.stream().anyMatch(result -> result.status() == ItemStatus.error);
        return answers.marked(Response.status(failed ? 207 : 200).entity(new BatchJson.Results(all)))
                .build();
    }

    private void read(
            int index, JsonNode element, Map<Integer, Item> items, Map<Integer, Result> results, Claims claims) {
        Faults faults = new Faults();
        JsonObject item = JsonObject.body(element, MEMBERS, faults);
        if (item != null) {
            Optional<CustomerId> customer =
                    faults.member(item.pointerTo("customer_id"), item.requiredText("customer_id"), CustomerId::new);
            Optional<DeviceRegistration> device = reader.registration(item, faults);
            Optional<DeviceToken> token = device.map(DeviceRegistration::token)
                    .or(() -> Optional.ofNullable(reader.optionalToken(item, new Faults())));
            if (customer.isPresent() && token.isPresent()) {
                claims.enter(token.get(), customer.get(), device.map(DeviceRegistration::type));
            }
            if (faults.isEmpty()) {
                items.put(index, new Item(customer.orElseThrow(), device.orElseThrow()));
                return;
            }
        }
        results.put(index, Result.error(index, ItemCode.INVALID_REQUEST, faults.asText()));
    }

    /**
     * Who is given which token. An item that is not stored for another fault counts as well: which of two was meant is no
     * clearer for it.
     */
    private static final class Claims {
        /** @param type empty if it is none that is known, and so not that of another item */
        private record Claim(CustomerId customer, Optional<DeviceType> type) {}

        private final Map<DeviceToken, Claim> first = new HashMap<>();
        private final Set<DeviceToken> contested = new HashSet<>();

        void enter(DeviceToken token, CustomerId customer, Optional<DeviceType> type) {
            Claim claim = new Claim(customer, type);
            Claim other = first.putIfAbsent(token, claim);
            if (other != null && !other.equals(claim)) {
                contested.add(token);
            }
        }

        boolean contested(DeviceToken token) {
            return contested.contains(token);
        }
    }

    /** Before the items are parted into steps, or the first step would not know of what the last one has. */
    private static void mergeRepeated(Map<Integer, Item> items) {
        Map<DeviceToken, DeviceRegistration> merged = DeviceRegistration.byToken(
                items.values().stream().map(Item::device).toList());
        items.replaceAll((_, item) -> new Item(
                item.customer(), requireNonNull(merged.get(item.device().token()))));
    }

    /**
     * In steps of so many items of the request, good or bad: a step that is repeated is the same even if an item that was
     * refused would be accepted by now.
     */
    private List<Result> store(JsonBody request, int size, Map<Integer, Item> items, Map<Integer, Result> refused) {
        List<Result> results = new ArrayList<>();
        for (int from = 0; from < size; from += RegisterDevices.MAX_ITEMS) {
            int start = from;
            int end = Math.min(size, from + RegisterDevices.MAX_ITEMS);
            try {
                results.addAll(
                        List.of(answers.step(request, start, Result[].class, () -> store(start, end, items, refused))));
            } catch (StoreUnavailableException e) {
                if (from == 0) {
                    throw e;
                }
                // What was stored is told; the rest is to be repeated.
                for (int index = from; index < size; index++) {
                    results.add(
                            Result.error(index, ItemCode.STORE_UNAVAILABLE, ProblemCode.STORE_UNAVAILABLE.detail()));
                }
                return results;
            }
        }
        return results;
    }

    private Result[] store(int start, int end, Map<Integer, Item> items, Map<Integer, Result> refused) {
        List<Integer> indexes =
                IntStream.range(start, end).filter(items::containsKey).boxed().toList();
        List<ItemResult> stored = indexes.isEmpty()
                ? List.of()
                : registerDevices.registerEach(
                        current.caller(), indexes.stream().map(items::get).toList());
        Map<Integer, Result> results = new HashMap<>(refused);
        for (int i = 0; i < indexes.size(); i++) {
            results.put(indexes.get(i), Result.of(indexes.get(i), stored.get(i)));
        }
        return IntStream.range(start, end).mapToObj(results::get).toArray(Result[]::new);
    }
}
