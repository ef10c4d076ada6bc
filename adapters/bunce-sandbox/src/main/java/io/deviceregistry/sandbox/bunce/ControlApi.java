package io.deviceregistry.sandbox.bunce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.deviceregistry.sandbox.bunce.Behaviour.Fault;
import io.deviceregistry.sandbox.bunce.Router.Route;
import java.io.IOException;
import java.net.URI;
import java.util.List;

/** What a person or a test does with the sandbox itself, under {@code /sandbox}; needs no key. */
final class ControlApi {

    @FunctionalInterface
    private interface Handler {
        Answer handle(Incoming incoming) throws IOException;
    }

    private final Router<Handler> router = new Router<>(List.of(
            Route.of("GET", "/sandbox/requests", this::requests),
            Route.of("GET", "/sandbox/devices", any -> devices()),
            Route.of("GET", "/sandbox/behaviour", any -> behaviour()),
            Route.of("PUT", "/sandbox/behaviour", this::behave),
            Route.of("DELETE", "/sandbox", any -> forget())));
    private final Ledger ledger;
    private final CurrentBehaviour behaviour;
    private final RateLimiter limiter;

    ControlApi(Ledger ledger, CurrentBehaviour behaviour, RateLimiter limiter) {
        this.ledger = ledger;
        this.behaviour = behaviour;
        this.limiter = limiter;
    }

    static boolean owns(Target target) {
        return target.segments().getFirst().equals("sandbox");
    }

    Answer answer(Incoming incoming) throws IOException {
        try {
            return router.find(incoming.method(), incoming.target().segments())
                    .handler()
                    .handle(incoming);
        } catch (RefusedException e) {
            return e.answer();
        }
    }

    private Answer requests(Incoming incoming) {
        String customerId = incoming.target().query().get("customer_id");
        ObjectNode body = Json.object();
        ArrayNode list = body.putArray("requests");
        ledger.requests().stream()
                .filter(request -> customerId == null || names(request, customerId))
                .forEach(request -> list.add(toJson(request)));
        return Answer.of(200, body);
    }

    private static ObjectNode toJson(RecordedRequest request) {
        Fault.Kind fault = request.fault();
        return Json.object()
                .put("arrived", request.arrived().toString())
                .put("time", request.at().toString())
                .put("method", request.method())
                .put("path", request.path())
                .put("authorized", request.authorized())
                .put("body", request.body())
                .put("status", request.status())
                .put("fault", fault == null ? null : BehaviourJson.nameOf(fault));
    }

    /** In the path, or in the body of a call that creates or updates customers. */
    private static boolean names(RecordedRequest request, String customerId) {
        List<String> segments = Target.of(URI.create(request.path())).segments();
        if (segments.size() > 2 && segments.get(2).equals(customerId)) {
            return true;
        }
        if (!request.body().contains("customer_id")) {
            return false;
        }
        try {
            return Json.parse(request.body()).findValues("customer_id").stream()
                    .map(JsonNode::asText)
                    .anyMatch(customerId::equals);
        } catch (RefusedException notJson) {
            return false;
        }
    }

    private Answer devices() {
        ObjectNode body = Json.object();
        ObjectNode byCustomer = body.putObject("devices");
        ledger.devices().forEach((customerId, devices) -> {
            ArrayNode list = byCustomer.putArray(customerId);
            devices.forEach(device -> list.add(device.toPageJson().put("created_at", device.createdAt())));
        });
        return Answer.of(200, body);
    }

    private Answer behaviour() {
        return Answer.of(200, BehaviourJson.write(behaviour.get()));
    }

    private Answer behave(Incoming incoming) {
        incoming.requireBodyWithinLimit();
        behaviour.set(BehaviourJson.read(Json.parse(incoming.body())));
        return behaviour();
    }

    /** Back to a first start: the behaviour and the rate limit's counts too. */
    private Answer forget() throws IOException {
        ledger.forget();
        behaviour.set(Behaviour.normal());
        limiter.reset();
        return Answer.empty();
    }
}
