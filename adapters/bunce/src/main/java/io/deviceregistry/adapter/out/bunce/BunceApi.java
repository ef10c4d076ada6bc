package io.deviceregistry.adapter.out.bunce;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import java.util.List;
import org.eclipse.microprofile.rest.client.inject.RegisterRestClient;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * The calls of Bunce's API that the registry makes. Bodies come as streams, so that nobody's answer fills the memory; what
 * an answer means is {@link BunceAnswer}'s business.
 */
@RegisterRestClient(configKey = "bunce")
@Path("/customers")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
interface BunceApi {

    @POST
    @Path("/{customer_id}/devices")
    RestResponse<InputStream> createDevices(
            @HeaderParam("X-Authorization") String apiKey,
            @PathParam("customer_id") String customerId,
            NewDevices devices);

    /** Only Bunce's Node client and an integration of others are known to make this call; no page documents it. */
    @GET
    @Path("/{customer_id}/devices")
    RestResponse<InputStream> devices(
            @HeaderParam("X-Authorization") String apiKey, @PathParam("customer_id") String customerId);

    @POST
    RestResponse<InputStream> createCustomer(@HeaderParam("X-Authorization") String apiKey, NewCustomer customer);

    @PATCH
    @Path("/{customer_id}/devices")
    RestResponse<InputStream> changeDevice(
            @HeaderParam("X-Authorization") String apiKey,
            @PathParam("customer_id") String customerId,
            DeviceChange change);

    /** All members are required. */
    record NewCustomer(
            @JsonProperty("customer_id") String customerId,
            @JsonProperty("email") String email,
            @JsonProperty("first_name") String firstName,
            @JsonProperty("last_name") String lastName,
            @JsonProperty("phone_no") String phoneNumber) {
        @Override
        public String toString() {
            return "NewCustomer[***]";
        }
    }

    record NewDevices(List<NewDevice> devices) {}

    record NewDevice(
            @JsonProperty("device_type") String deviceType,
            @JsonProperty("device_token") String deviceToken) {
        @Override
        public String toString() {
            return "NewDevice[***]";
        }
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record DeviceChange(
            @JsonProperty("current_device_token") String currentDeviceToken,
            @JsonProperty("device_type") String deviceType,
            @JsonProperty("device_token") String deviceToken) {
        @Override
        public String toString() {
            return "DeviceChange[***]";
        }
    }
}
