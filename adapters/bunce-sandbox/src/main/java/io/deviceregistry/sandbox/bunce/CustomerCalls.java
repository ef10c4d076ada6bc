package io.deviceregistry.sandbox.bunce;

import com.fasterxml.jackson.databind.JsonNode;
import io.deviceregistry.sandbox.bunce.Router.Route;
import java.util.List;
import java.util.Optional;

/** The calls that name customers, one or many. */
final class CustomerCalls {

    private CustomerCalls() {}

    static List<Route<Call.Handler>> routes() {
        return List.of(
                Route.of("POST", "/v1/customers/bulk", CustomerCalls::createMany),
                Route.of("PUT", "/v1/customers/bulk-update", CustomerCalls::updateMany),
                Route.of("POST", "/v1/customers", CustomerCalls::create),
                Route.of("GET", "/v1/customers", CustomerPage::list),
                Route.of("GET", "/v1/customers/{id}", CustomerCalls::get),
                Route.of("PUT", "/v1/customers/{id}", CustomerCalls::update));
    }

    private static Outcome create(Call call, State state) {
        CustomerEdits edits = new CustomerEdits(state, call.now());
        boolean created = create(Input.of(call.json()), edits);
        return new Outcome(
                Answer.envelope(
                        created ? 201 : 200,
                        "Customer created successfully",
                        edits.saved().path(0)),
                edits.changes());
    }

    private static Outcome createMany(Call call, State state) {
        CustomerEdits edits = new CustomerEdits(state, call.now());
        customersOf(call.json()).forEach(input -> create(input, edits));
        return new Outcome(Answer.envelope(201, "Customers created successfully", edits.saved()), edits.changes());
    }

    private static boolean create(Input input, CustomerEdits edits) {
        String id = input.text("customer_id");
        CustomerInput profile = CustomerInput.complete(input);
        Optional<Customer> known = edits.find(id);
        edits.save(known.orElseGet(() -> Customer.bare(id, edits.now())), profile);
        return known.isEmpty();
    }

    private static Outcome get(Call call, State state) {
        Customer customer = state.customer(call.customerId()).orElseThrow(CustomerCalls::unknown);
        return Outcome.unchanged(Answer.envelope(
                200, "Customer fetched successfully", customer.toJson(state.devicesOf(customer.customerId()))));
    }

    private static Outcome update(Call call, State state) {
        CustomerInput profile = CustomerInput.partial(Input.of(call.json()));
        CustomerEdits edits = new CustomerEdits(state, call.now());
        edits.save(edits.find(call.customerId()).orElseThrow(CustomerCalls::unknown), profile);
        return new Outcome(
                Answer.envelope(
                        200, "Customer updated successfully", edits.saved().path(0)),
                edits.changes());
    }

    private static Outcome updateMany(Call call, State state) {
        CustomerEdits edits = new CustomerEdits(state, call.now());
        for (Input input : customersOf(call.json())) {
            String id = input.optionalText("customer_id");
            CustomerInput profile = CustomerInput.partial(input);
            String email = profile.email();
            if (id == null && email == null) {
                throw input.fault("customer_id", "or email is required");
            }
            Optional<Customer> known = id != null ? edits.find(id) : edits.findByEmail(String.valueOf(email));
            edits.save(known.orElseThrow(CustomerCalls::unknown), profile);
        }
        return new Outcome(Answer.envelope(200, "Customers updated successfully", edits.saved()), edits.changes());
    }

    /** The published pages wrap the list in an object, an old version of the Node client sends it bare. */
    private static List<Input> customersOf(JsonNode json) {
        List<Input> customers = json.isArray()
                ? Input.objects(json, "customers")
                : Input.of(json).objects("customers");
        if (customers.isEmpty()) {
            throw new RefusedException(422, "customers is required and must not be empty");
        }
        return customers;
    }

    private static RefusedException unknown() {
        return new RefusedException(404, "Customer not found");
    }
}
