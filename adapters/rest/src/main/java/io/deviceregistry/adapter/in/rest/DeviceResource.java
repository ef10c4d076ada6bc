package io.deviceregistry.adapter.in.rest;

import io.deviceregistry.application.port.in.FindDevices;
import io.deviceregistry.application.port.in.InspectSync;
import io.deviceregistry.application.port.in.RegisterDevices;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceTypes;
import io.deviceregistry.domain.Registration;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** The devices of one customer. */
@Path("/v1/customers/{customer_id}/devices")
@Produces(MediaType.APPLICATION_JSON)
@Authenticated
@RunOnVirtualThread
@Tag(name = "Devices")
class DeviceResource {
    private final RegisterDevices registerDevices;
    private final FindDevices findDevices;
    private final InspectSync inspectSync;
    private final DeviceTypes types;

    DeviceResource(
            RegisterDevices registerDevices, FindDevices findDevices, InspectSync inspectSync, DeviceTypes types) {
        this.registerDevices = registerDevices;
        this.findDevices = findDevices;
        this.inspectSync = inspectSync;
        this.types = types;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "registerDevices",
            summary = "Register devices",
            description =
                    "Stores all devices or none. Once answered they are durable, and every provider will be told. "
                            + "A repeated call answers with the same devices. The customer need not exist.")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = DeviceJson.Registering.class)))
    @APIResponse(
            responseCode = "201",
            description = "At least one device is new to this customer. One answer per entry, in the request's order.",
            content = @Content(schema = @Schema(implementation = DeviceJson.Registered.class)))
    @APIResponse(
            responseCode = "200",
            description = "All devices were known.",
            content = @Content(schema = @Schema(implementation = DeviceJson.Registered.class)))
    public RestResponse<DeviceJson.Registered> register(@PathParam("customer_id") String customerId, InputStream body) {
        Faults faults = new Faults();
        Optional<CustomerId> customer = faults.parameter("customer_id", customerId, CustomerId::new);
        List<DeviceRegistration> devices = RegisterRequest.read(JsonBody.parse(body), types, faults);
        faults.throwIfAny();
        List<Registration> registrations = registerDevices.register(customer.orElseThrow(), devices);
        return RestResponse.status(
                registrations.stream().anyMatch(DeviceResource::isNewToTheCustomer)
                        ? RestResponse.Status.CREATED
                        : RestResponse.Status.OK,
                DeviceJson.Registered.from(registrations));
    }

    private static boolean isNewToTheCustomer(Registration registration) {
        return switch (registration.outcome()) {
            case CREATED, TRANSFERRED -> true;
            case REACTIVATED, CHANGED, EXISTING -> false;
        };
    }

    @GET
    @Operation(
            operationId = "listDevices",
            summary = "List a customer's devices",
            description = "Active and invalid devices, oldest first; none for an unknown customer.")
    @APIResponse(
            responseCode = "200",
            description = "The devices",
            content = @Content(schema = @Schema(implementation = DeviceJson.Page.class)))
    public DeviceJson.Page list(@PathParam("customer_id") String customerId) {
        Faults faults = new Faults();
        Optional<CustomerId> customer = faults.parameter("customer_id", customerId, CustomerId::new);
        faults.throwIfAny();
        return new DeviceJson.Page(findDevices.ofCustomer(customer.orElseThrow()).stream()
                .map(DeviceJson::from)
                .toList());
    }

    @GET
    @Path("/{device_id}/sync")
    @Operation(
            operationId = "getDeviceSync",
            summary = "See how each provider stands towards a device",
            description = "For removed devices too.")
    @APIResponse(
            responseCode = "200",
            description = "One entry per provider",
            content = @Content(schema = @Schema(implementation = DeviceJson.Sync.class)))
    public DeviceJson.Sync sync(@PathParam("customer_id") String customerId, @PathParam("device_id") String deviceId) {
        Faults faults = new Faults();
        Optional<CustomerId> customer = faults.parameter("customer_id", customerId, CustomerId::new);
        Optional<DeviceId> device = faults.parameter("device_id", deviceId, DeviceId::parse);
        faults.throwIfAny();
        return DeviceJson.Sync.from(inspectSync.ofDevice(customer.orElseThrow(), device.orElseThrow()));
    }
}
