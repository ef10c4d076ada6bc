package io.deviceregistry.adapter.in.rest;

import io.deviceregistry.adapter.in.rest.IdempotentAnswers.Reply;
import io.deviceregistry.application.port.in.ManageCustomers;
import io.deviceregistry.application.port.in.ManageCustomers.Description;
import io.deviceregistry.application.port.out.CustomerQuery;
import io.deviceregistry.domain.AccessScope;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Erasure;
import io.deviceregistry.domain.Profile;
import io.deviceregistry.domain.Registry.DescribedCustomer;
import io.quarkus.security.PermissionsAllowed;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.headers.Header;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Customers and their profiles. */
@Path(CustomerResource.PATH)
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Customers")
class CustomerResource {
    /** Of all that belongs to a customer: only among methods of one class path does a wrong method get a 405. */
    static final String PATH = "/v1/customers";

    private static final int PAGE = 100;
    private static final int MAX_PAGE = 1_000;
    private static final int MAX_FILTER_VALUES = 100;

    private final ManageCustomers manageCustomers;
    private final CustomerReader reader;
    private final IdempotentAnswers answers;
    private final CurrentCaller current;

    CustomerResource(
            ManageCustomers manageCustomers, CustomerReader reader, IdempotentAnswers answers, CurrentCaller current) {
        this.current = current;
        this.manageCustomers = manageCustomers;
        this.reader = reader;
        this.answers = answers;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @PermissionsAllowed(Scopes.CUSTOMERS_WRITE)
    @Operation(
            operationId = "createCustomer",
            summary = "Create a customer",
            description = "One that exists, be it by a device's registration alone, is described: what is given "
                    + "replaces what is known. Its devices are registered with it.")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = CustomerJson.NamedUpdate.class)))
    @APIResponse(
            responseCode = "201",
            description = "The customer is new",
            content = @Content(schema = @Schema(implementation = CustomerJson.class)))
    @APIResponse(
            responseCode = "200",
            description = "The customer existed",
            content = @Content(schema = @Schema(implementation = CustomerJson.class)))
    public Response create(InputStream body) {
        Faults faults = new Faults();
        answers.check(faults);
        JsonBody request = JsonBody.read(body);
        Optional<Description> description = reader.named(request.root(), faults);
        faults.throwIfAny();
        requireForDevices(List.of(description.orElseThrow()));
        return answers.answer(request, () -> one(description.orElseThrow()));
    }

    @PUT
    @Path("/{customer_id}")
    @Consumes(MediaType.APPLICATION_JSON)
    @PermissionsAllowed(Scopes.CUSTOMERS_WRITE)
    @Operation(
            operationId = "putCustomer",
            summary = "Describe a customer",
            description = "Merges: what is absent stays as it is, what is null is cleared. A customer that does not "
                    + "exist is made.")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = CustomerJson.Update.class)))
    @APIResponse(
            responseCode = "201",
            description = "The customer is new",
            content = @Content(schema = @Schema(implementation = CustomerJson.class)))
    @APIResponse(
            responseCode = "200",
            description = "The customer existed",
            content = @Content(schema = @Schema(implementation = CustomerJson.class)))
    public Response put(@PathParam("customer_id") String customerId, InputStream body) {
        Faults faults = new Faults();
        Optional<CustomerId> customer = faults.parameter("customer_id", customerId, CustomerId::new);
        Optional<Description> description =
                reader.of(customer, JsonBody.read(body).root(), faults);
        faults.throwIfAny();
        requireForDevices(List.of(description.orElseThrow()));
        Reply reply = one(description.orElseThrow());
        return Response.status(reply.status()).entity(reply.entity()).build();
    }

    private Reply one(Description description) {
        DescribedCustomer described = Limits.named(
                "/devices",
                () -> manageCustomers
                        .describe(current.caller(), List.of(description))
                        .getFirst());
        return new Reply(described.created() ? 201 : 200, CustomerJson.from(described.customer()));
    }

    @POST
    @Path("/bulk")
    @Consumes(MediaType.APPLICATION_JSON)
    @PermissionsAllowed(Scopes.CUSTOMERS_WRITE)
    @Operation(
            operationId = "createCustomers",
            summary = "Create many customers",
            description = "All of them or none; each as by createCustomer. A bare array of customers is accepted too.")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = CustomerJson.Updates.class)))
    @APIResponse(
            responseCode = "201",
            description = "At least one customer is new",
            content = @Content(schema = @Schema(implementation = CustomerJson.Described.class)))
    @APIResponse(
            responseCode = "200",
            description = "All customers existed",
            content = @Content(schema = @Schema(implementation = CustomerJson.Described.class)))
    public Response createMany(InputStream body) {
        Faults faults = new Faults();
        answers.check(faults);
        JsonBody request = JsonBody.readMany(body);
        List<Description> descriptions = reader.many(request.root(), faults);
        faults.throwIfAny();
        requireForDevices(descriptions);
        return answers.answer(request, () -> {
            List<DescribedCustomer> described = many(request, descriptions);
            boolean created = described.stream().anyMatch(DescribedCustomer::created);
            return new Reply(created ? 201 : 200, described(described));
        });
    }

    @PUT
    @Path("/bulk-update")
    @Consumes(MediaType.APPLICATION_JSON)
    @PermissionsAllowed(Scopes.CUSTOMERS_WRITE)
    @Operation(
            operationId = "updateCustomers",
            summary = "Describe many customers",
            description = "All of them or none; each as by putCustomer. A bare array of customers is accepted too.")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = CustomerJson.Updates.class)))
    @APIResponse(
            responseCode = "200",
            description = "The customers as they are now, in the request's order",
            content = @Content(schema = @Schema(implementation = CustomerJson.Described.class)))
    public CustomerJson.Described updateMany(InputStream body) {
        Faults faults = new Faults();
        JsonBody request = JsonBody.readMany(body);
        List<Description> descriptions = reader.many(request.root(), faults);
        faults.throwIfAny();
        requireForDevices(descriptions);
        return described(many(request, descriptions));
    }

    /** Whoever may describe customers may not for that alone register devices, and so take them from others. */
    private void requireForDevices(List<Description> descriptions) {
        if (descriptions.stream().anyMatch(one -> !one.devices().isEmpty())) {
            current.require(AccessScope.DEVICES_WRITE);
        }
    }

    private List<DescribedCustomer> many(JsonBody request, List<Description> descriptions) {
        String array = request.root().isArray() ? "" : "/customers";
        return Limits.named(
                customer -> array + "/" + position(customer, descriptions) + "/devices",
                () -> manageCustomers.describe(current.caller(), descriptions));
    }

    /** The last one with devices: with what stands before it, there are too many at the latest. */
    private static int position(CustomerId customer, List<Description> descriptions) {
        return IntStream.range(0, descriptions.size())
                .filter(i -> descriptions.get(i).customer().equals(customer))
                .filter(i -> !descriptions.get(i).devices().isEmpty())
                .max()
                .orElseThrow();
    }

    private static CustomerJson.Described described(List<DescribedCustomer> customers) {
        return new CustomerJson.Described(
                customers.stream().map(one -> CustomerJson.from(one.customer())).toList());
    }

    @GET
    @PermissionsAllowed(Scopes.CUSTOMERS_READ)
    @Operation(operationId = "listCustomers", summary = "List customers", description = "In the order of their ids.")
    @Parameter(
            name = "customer_ids",
            in = ParameterIn.QUERY,
            description = "Only these, between commas, at most 100.",
            schema = @Schema(type = SchemaType.STRING))
    @Parameter(
            name = "emails",
            in = ParameterIn.QUERY,
            description = "Only customers with one of these, between commas, at most 100, in this very spelling.",
            schema = @Schema(type = SchemaType.STRING))
    @Parameter(
            name = "per_page",
            in = ParameterIn.QUERY,
            description = "At most so many, 1 to 1000; 100 if absent.",
            schema = @Schema(type = SchemaType.INTEGER))
    @Parameter(
            name = "cursor",
            in = ParameterIn.QUERY,
            description = "The next_cursor of the page before.",
            schema = @Schema(type = SchemaType.STRING))
    @APIResponse(
            responseCode = "200",
            description = "A page of customers",
            content = @Content(schema = @Schema(implementation = CustomerJson.Listed.class)))
    public CustomerJson.Listed list(UriInfo uri) {
        Faults faults = new Faults();
        QueryParameters query =
                new QueryParameters(uri, Set.of("customer_ids", "emails", "per_page", "cursor"), faults);
        Optional<List<CustomerId>> ids = query.values("customer_ids", MAX_FILTER_VALUES, CustomerId::new);
        Optional<List<String>> emails = query.values("emails", MAX_FILTER_VALUES, Profile::emailToLookFor);
        int limit = query.limit("per_page", PAGE, MAX_PAGE);
        Optional<CustomerId> after = query.value("cursor", Cursor::customer);
        faults.throwIfAny();
        return CustomerJson.Listed.from(manageCustomers.customers(new CustomerQuery(
                ids.map(Set::copyOf).orElse(null), emails.map(Set::copyOf).orElse(null), after.orElse(null), limit)));
    }

    @GET
    @Path("/{customer_id}")
    @PermissionsAllowed(Scopes.CUSTOMERS_READ)
    @Operation(
            operationId = "getCustomer",
            summary = "Get a customer",
            description = "One of whom only devices were registered has no profile.")
    @APIResponse(
            responseCode = "200",
            description = "The customer",
            content = @Content(schema = @Schema(implementation = CustomerJson.class)))
    @APIResponse(responseCode = "404", description = "There is no such customer.")
    public CustomerJson get(@PathParam("customer_id") String customerId) {
        Faults faults = new Faults();
        Optional<CustomerId> customer = faults.parameter("customer_id", customerId, CustomerId::new);
        faults.throwIfAny();
        return CustomerJson.from(manageCustomers.customer(customer.orElseThrow()));
    }

    @DELETE
    @Path("/{customer_id}")
    @PermissionsAllowed(Scopes.CUSTOMERS_ERASE)
    @Operation(
            operationId = "eraseCustomer",
            summary = "Erase a customer",
            description = "Forgets the profile and the devices at once and tells every provider. What is registered "
                    + "afterwards is new. A repeated call while providers are being told has the same receipt.")
    @APIResponse(
            responseCode = "202",
            description = "The receipt, which is kept at the location",
            headers = @Header(name = "Location", schema = @Schema(implementation = String.class)),
            content = @Content(schema = @Schema(implementation = ErasureJson.class)))
    @APIResponse(responseCode = "404", description = "There is no such customer.")
    public Response erase(@PathParam("customer_id") String customerId) {
        Faults faults = new Faults();
        Optional<CustomerId> customer = faults.parameter("customer_id", customerId, CustomerId::new);
        faults.throwIfAny();
        Erasure erasure = manageCustomers.erase(current.caller(), customer.orElseThrow());
        return Response.accepted(ErasureJson.from(erasure))
                .header(HttpHeaders.LOCATION, ErasureResource.PATH + "/" + erasure.id())
                .build();
    }
}
