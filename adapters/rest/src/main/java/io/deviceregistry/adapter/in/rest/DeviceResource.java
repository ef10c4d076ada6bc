package io.deviceregistry.adapter.in.rest;

import io.deviceregistry.adapter.in.rest.IdempotentAnswers.Reply;
import io.deviceregistry.application.port.in.ChangeDevice;
import io.deviceregistry.application.port.in.FindDevices;
import io.deviceregistry.application.port.in.InspectSync;
import io.deviceregistry.application.port.in.RegisterDevices;
import io.deviceregistry.application.port.in.RemoveDevice;
import io.deviceregistry.application.port.out.DeviceQuery;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceUpdate;
import io.deviceregistry.domain.InvalidValueException;
import io.deviceregistry.domain.Observation;
import io.deviceregistry.domain.Precondition;
import io.deviceregistry.domain.Registration;
import io.quarkus.security.PermissionsAllowed;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.InputStream;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
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

/** The devices of one customer. */
@Path(CustomerResource.PATH)
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Devices")
class DeviceResource {
    private static final String DEVICES = "/{customer_id}/devices";
    private static final String DEVICE = DEVICES + "/{device_id}";

    private static final int PAGE = 1_000;
    private static final Set<DeviceStatus> PRESENT = EnumSet.complementOf(EnumSet.of(DeviceStatus.REMOVED));

    private final RegisterDevices registerDevices;
    private final ChangeDevice changeDevice;
    private final RemoveDevice removeDevice;
    private final FindDevices findDevices;
    private final InspectSync inspectSync;
    private final DeviceReader reader;
    private final IdempotentAnswers answers;
    private final CurrentCaller current;

    DeviceResource(
            RegisterDevices registerDevices,
            ChangeDevice changeDevice,
            RemoveDevice removeDevice,
            FindDevices findDevices,
            InspectSync inspectSync,
            DeviceReader reader,
            IdempotentAnswers answers,
            CurrentCaller current) {
        this.registerDevices = registerDevices;
        this.changeDevice = changeDevice;
        this.removeDevice = removeDevice;
        this.findDevices = findDevices;
        this.inspectSync = inspectSync;
        this.reader = reader;
        this.answers = answers;
        this.current = current;
    }

    @POST
    @Path(DEVICES)
    @Consumes(MediaType.APPLICATION_JSON)
    @PermissionsAllowed(Scopes.DEVICES_WRITE)
    @Operation(
            operationId = "registerDevices",
            summary = "Register devices",
            description =
                    "Stores all devices or none. Once answered they are durable, and every provider will be told. "
                            + "A repeated call answers with the same devices. The customer need not exist. A token that "
                            + "another customer has is taken from it; who had it is not told.")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = DeviceJson.Registering.class)))
    @APIResponse(
            responseCode = "201",
            description =
                    "At least one device is new, or its token was taken from another customer, though this one may "
                            + "have had the device before. One answer per entry, in the request's order.",
            content = @Content(schema = @Schema(implementation = DeviceJson.Registered.class)))
    @APIResponse(
            responseCode = "200",
            description = "All devices were this customer's, and no token was taken from another one.",
            content = @Content(schema = @Schema(implementation = DeviceJson.Registered.class)))
    public Response register(@PathParam("customer_id") String customerId, InputStream body) {
        Faults faults = new Faults();
        Optional<CustomerId> customer = faults.parameter("customer_id", customerId, CustomerId::new);
        answers.check(faults);
        JsonBody request = JsonBody.read(body);
        JsonObject root = JsonObject.body(request.root(), Set.of("devices"), faults);
        List<DeviceRegistration> devices = root == null
                ? List.of()
                : reader.registrations(
                        root.requiredObjects("devices", 1, DeviceReader.MAX_DEVICES, DeviceReader.MEMBERS), faults);
        faults.throwIfAny();
        Caller caller = current.caller();
        return Limits.named(
                "/devices",
                () -> answers.answer(
                        request,
                        () -> registerDevices.register(caller, customer.orElseThrow(), devices),
                        (once, answer) ->
                                registerDevices.registerOnce(caller, customer.orElseThrow(), devices, once, answer),
                        DeviceResource::reply));
    }

    private static Reply reply(List<Registration> registrations) {
        boolean created = registrations.stream().anyMatch(DeviceResource::madeADevice);
        return new Reply(created ? 201 : 200, DeviceJson.Registered.from(registrations));
    }

    private static boolean madeADevice(Registration registration) {
        return switch (registration.outcome()) {
            case CREATED, TRANSFERRED, SUPERSEDED -> true;
            case REACTIVATED, CHANGED, EXISTING -> false;
        };
    }

    @GET
    @Path(DEVICES)
    @PermissionsAllowed(Scopes.DEVICES_READ)
    @Operation(
            operationId = "listDevices",
            summary = "List a customer's devices",
            description = "Active and invalid devices, oldest first; none for an unknown customer.")
    @Parameter(
            name = "status",
            in = ParameterIn.QUERY,
            description = "Only devices with one of these, between commas: ACTIVE, INVALID, REMOVED.",
            schema = @Schema(type = SchemaType.STRING))
    @Parameter(
            name = "limit",
            in = ParameterIn.QUERY,
            description = "At most so many, 1 to 1000; 1000 if absent.",
            schema = @Schema(type = SchemaType.INTEGER))
    @Parameter(
            name = "cursor",
            in = ParameterIn.QUERY,
            description = "The next_cursor of the page before.",
            schema = @Schema(type = SchemaType.STRING))
    @APIResponse(
            responseCode = "200",
            description = "The devices",
            content = @Content(schema = @Schema(implementation = DeviceJson.Listed.class)))
    public DeviceJson.Listed list(@PathParam("customer_id") String customerId, UriInfo uri) {
        Faults faults = new Faults();
        Optional<CustomerId> customer = faults.parameter("customer_id", customerId, CustomerId::new);
        QueryParameters query = new QueryParameters(uri, Set.of("status", "limit", "cursor"), faults);
        Set<DeviceStatus> statuses = query.values("status", 3, DeviceResource::status)
                .<Set<DeviceStatus>>map(EnumSet::copyOf)
                .orElse(PRESENT);
        int limit = query.limit("limit", PAGE, PAGE);
        Optional<DeviceId> after = query.value("cursor", Cursor::device);
        faults.throwIfAny();
        return DeviceJson.Listed.from(findDevices.devices(
                DeviceQuery.ofCustomer(customer.orElseThrow(), statuses, after.orElse(null), limit)));
    }

    static DeviceStatus status(String text) {
        return Stream.of(DeviceStatus.values())
                .filter(status -> status.name().equals(text))
                .findFirst()
                .orElseThrow(() -> new InvalidValueException("must be ACTIVE, INVALID or REMOVED"));
    }

    @PATCH
    @Path(DEVICES)
    @Consumes(MediaType.APPLICATION_JSON)
    @PermissionsAllowed(Scopes.DEVICES_WRITE)
    @Operation(
            operationId = "rotateDevice",
            summary = "Replace a device's token",
            description = "The device keeps its id. A repeated call, whose current token is gone and whose new one is "
                    + "there, is answered like the first.")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = DeviceJson.Rotation.class)))
    @APIResponse(
            responseCode = "200",
            description = "The device as it is now",
            headers = @Header(name = "ETag", schema = @Schema(implementation = String.class)),
            content = @Content(schema = @Schema(implementation = DeviceJson.class)))
    @APIResponse(responseCode = "404", description = "The customer has neither the current token nor the new one.")
    public Response rotate(@PathParam("customer_id") String customerId, InputStream body) {
        Faults faults = new Faults();
        Optional<CustomerId> customer = faults.parameter("customer_id", customerId, CustomerId::new);
        JsonObject root = JsonObject.body(
                JsonBody.read(body).root(),
                Set.of("current_device_token", "device_token", "device_type", "observed_at"),
                faults);
        Optional<DeviceToken> currentToken =
                root == null ? Optional.empty() : reader.token(root, "current_device_token", faults);
        DeviceUpdate update = root == null ? NOTHING : reader.update(root, faults);
        faults.throwIfAny();
        return withTag(Limits.named(
                "/device_token",
                () -> changeDevice.rotate(
                        current.caller(), customer.orElseThrow(), currentToken.orElseThrow(), update)));
    }

    private static final DeviceUpdate NOTHING = new DeviceUpdate(null, null, null, Observation.ON_ARRIVAL);

    @GET
    @Path(DEVICE)
    @PermissionsAllowed(Scopes.DEVICES_READ)
    @Operation(
            operationId = "getDevice",
            summary = "Get a device",
            description = "Removed ones too, without their token.")
    @APIResponse(
            responseCode = "200",
            description = "The device",
            headers = @Header(name = "ETag", schema = @Schema(implementation = String.class)),
            content = @Content(schema = @Schema(implementation = DeviceJson.class)))
    @APIResponse(responseCode = "404", description = "The customer has no such device.")
    public Response get(@PathParam("customer_id") String customerId, @PathParam("device_id") String deviceId) {
        Address address = Address.of(customerId, deviceId, new Faults());
        return withTag(findDevices.device(address.customer(), address.device()));
    }

    @PATCH
    @Path(DEVICE)
    @Consumes(MediaType.APPLICATION_JSON)
    @PermissionsAllowed(Scopes.DEVICES_WRITE)
    @Operation(
            operationId = "changeDevice",
            summary = "Change a device",
            description = "Its type, its metadata or its token. A removed device cannot be changed.")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = DeviceJson.Change.class)))
    @APIResponse(
            responseCode = "200",
            description = "The device as it is now",
            headers = @Header(name = "ETag", schema = @Schema(implementation = String.class)),
            content = @Content(schema = @Schema(implementation = DeviceJson.class)))
    @APIResponse(responseCode = "404", description = "The customer has no such device.")
    @APIResponse(responseCode = "409", description = "The device is removed.")
    @APIResponse(responseCode = "412", description = "The device has another version than If-Match names.")
    @Parameter(
            name = IfMatch.HEADER,
            in = ParameterIn.HEADER,
            description = "Only if the device has one of these versions, as its ETag tells them.",
            schema = @Schema(type = SchemaType.STRING))
    public Response change(
            @PathParam("customer_id") String customerId,
            @PathParam("device_id") String deviceId,
            HttpHeaders headers,
            InputStream body) {
        Faults faults = new Faults();
        Precondition precondition = precondition(headers, faults);
        JsonObject root = JsonObject.body(JsonBody.read(body).root(), DeviceReader.MEMBERS, faults);
        DeviceUpdate update = root == null ? NOTHING : reader.update(root, faults);
        Address address = Address.of(customerId, deviceId, faults);
        return withTag(Limits.named(
                "/device_token",
                () -> changeDevice.change(
                        current.caller(), address.customer(), address.device(), precondition, update)));
    }

    @DELETE
    @Path(DEVICE)
    @PermissionsAllowed(Scopes.DEVICES_WRITE)
    @Operation(
            operationId = "removeDevice",
            summary = "Remove a device",
            description = "Repeatable, with the If-Match of the first call too. A new registration of its token brings "
                    + "it back.")
    @APIResponse(responseCode = "204", description = "The device is removed")
    @APIResponse(responseCode = "404", description = "The customer has no such device.")
    @APIResponse(responseCode = "412", description = "The device has another version than If-Match names.")
    @Parameter(
            name = IfMatch.HEADER,
            in = ParameterIn.HEADER,
            description = "Only if the device has one of these versions, as its ETag tells them.",
            schema = @Schema(type = SchemaType.STRING))
    public void remove(
            @PathParam("customer_id") String customerId, @PathParam("device_id") String deviceId, HttpHeaders headers) {
        Faults faults = new Faults();
        Precondition precondition = precondition(headers, faults);
        Address address = Address.of(customerId, deviceId, faults);
        removeDevice.remove(current.caller(), address.customer(), address.device(), precondition);
    }

    @GET
    @Path(DEVICE + "/sync")
    @PermissionsAllowed(Scopes.SYNC_READ)
    @Operation(
            operationId = "getDeviceSync",
            summary = "See how each provider stands towards a device",
            description = "For removed devices too.")
    @APIResponse(
            responseCode = "200",
            description = "One entry per provider",
            content = @Content(schema = @Schema(implementation = DeviceJson.Sync.class)))
    @APIResponse(responseCode = "404", description = "The customer has no such device.")
    public DeviceJson.Sync sync(@PathParam("customer_id") String customerId, @PathParam("device_id") String deviceId) {
        Address address = Address.of(customerId, deviceId, new Faults());
        return DeviceJson.Sync.from(inspectSync.ofDevice(address.customer(), address.device()));
    }

    private static Precondition precondition(HttpHeaders headers, Faults faults) {
        List<String> values = headers.getRequestHeaders().get(IfMatch.HEADER);
        // Several headers are one list: RFC 9110, 5.3.
        return faults.optionalParameter(
                        IfMatch.HEADER, values == null ? null : String.join(",", values), IfMatch::parse)
                .orElse(Precondition.NONE);
    }

    private static Response withTag(Device device) {
        return Response.ok(DeviceJson.from(device))
                .header(HttpHeaders.ETAG, IfMatch.tag(device.version()))
                .build();
    }

    /** Where a device is. */
    private record Address(CustomerId customer, DeviceId device) {

        /** @throws InvalidRequestException if this, or anything before it, was at fault */
        static Address of(String customerId, String deviceId, Faults faults) {
            Optional<CustomerId> customer = faults.parameter("customer_id", customerId, CustomerId::new);
            Optional<DeviceId> device = faults.parameter("device_id", deviceId, DeviceId::parse);
            faults.throwIfAny();
            return new Address(customer.orElseThrow(), device.orElseThrow());
        }
    }
}
