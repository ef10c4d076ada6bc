package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.deviceregistry.application.port.in.ManageApiKeys;
import io.deviceregistry.application.port.in.ManageApiKeys.Issued;
import io.deviceregistry.domain.AccessScope;
import io.deviceregistry.domain.ApiKeyGrant;
import io.deviceregistry.domain.ApiKeyId;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.InvalidValueException;
import io.quarkus.security.PermissionsAllowed;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.InputStream;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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

/**
 * The keys by which callers are known. A key is told once, so no {@code Idempotency-Key} is asked for, by which it could
 * be told again: whoever missed the answer revokes the key and issues another.
 */
@Path(ApiKeyResource.PATH)
@Produces(MediaType.APPLICATION_JSON)
@PermissionsAllowed(Scopes.KEYS_MANAGE)
@RunOnVirtualThread
@Tag(name = "API keys")
class ApiKeyResource {
    static final String PATH = "/v1/api-keys";
    static final String ISSUE = "issueApiKey";

    private static final int PAGE = 100;
    private static final int MAX_PAGE = 1_000;

    private final ManageApiKeys keys;
    private final CurrentCaller current;

    ApiKeyResource(ManageApiKeys keys, CurrentCaller current) {
        this.keys = keys;
        this.current = current;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = ISSUE,
            summary = "Issue an API key",
            description = "In force at once. The answer is the only place where the key can be seen. A repeated call "
                    + "issues another one.")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = ApiKeyJson.Grant.class)))
    @APIResponse(
            responseCode = "201",
            description = "The key",
            headers = @Header(name = "Location", schema = @Schema(implementation = String.class)),
            content = @Content(schema = @Schema(implementation = ApiKeyJson.New.class)))
    public Response issue(InputStream body) {
        Faults faults = new Faults();
        Optional<ApiKeyGrant> grant = grant(JsonBody.read(body).root(), faults);
        faults.throwIfAny();
        grant.orElseThrow().scopes().forEach(current::require);
        Issued issued = keys.issue(grant.orElseThrow(), current.caller());
        return Response.status(201)
                .header(HttpHeaders.LOCATION, PATH + "/" + issued.key().id())
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .entity(ApiKeyJson.New.from(issued))
                .build();
    }

    private static Optional<ApiKeyGrant> grant(JsonNode body, Faults faults) {
        JsonObject root = JsonObject.body(body, Set.of("caller", "scopes", "expires_at"), faults);
        if (root == null) {
            return Optional.empty();
        }
        Optional<Caller> caller =
                faults.member(root.pointerTo("caller"), root.requiredText("caller"), ApiKeyGrant::caller);
        Instant expiresAt = root.optionalValue("expires_at", ApiKeyResource::future);
        Set<AccessScope> scopes = EnumSet.noneOf(AccessScope.class);
        List<JsonNode> words = root.requiredElements("scopes", 1, AccessScope.values().length);
        for (int i = 0; i < words.size(); i++) {
            String pointer = root.pointerTo(List.of("scopes", String.valueOf(i)));
            if (words.get(i).isTextual()) {
                faults.member(pointer, words.get(i).textValue(), AccessScope::parse)
                        .ifPresent(scopes::add);
            } else {
                faults.add(Fault.at(pointer, "must be a string"));
            }
        }
        return faults.isEmpty()
                ? Optional.of(new ApiKeyGrant(caller.orElseThrow(), scopes, expiresAt))
                : Optional.empty();
    }

    private static Instant future(String text) {
        Instant time = DeviceReader.time(text);
        if (!time.isAfter(Instant.now())) {
            throw new InvalidValueException("must be in the future");
        }
        return time;
    }

    @GET
    @Operation(
            operationId = "listApiKeys",
            summary = "List API keys",
            description = "In the order in which they were issued, those that are in force no more included.")
    @Parameter(
            name = "limit",
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
            description = "A page of keys",
            content = @Content(schema = @Schema(implementation = ApiKeyJson.Listed.class)))
    public ApiKeyJson.Listed list(UriInfo uri) {
        Faults faults = new Faults();
        QueryParameters query = new QueryParameters(uri, Set.of("limit", "cursor"), faults);
        int limit = query.limit("limit", PAGE, MAX_PAGE);
        Optional<ApiKeyId> after = query.value("cursor", Cursor::apiKey);
        faults.throwIfAny();
        return ApiKeyJson.Listed.from(keys.keys(after.orElse(null), limit));
    }

    @GET
    @Path("/{api_key_id}")
    @Operation(operationId = "getApiKey", summary = "Get an API key")
    @APIResponse(
            responseCode = "200",
            description = "What is known of the key",
            content = @Content(schema = @Schema(implementation = ApiKeyJson.class)))
    @APIResponse(responseCode = "404", description = "There is no such API key.")
    public ApiKeyJson get(@PathParam("api_key_id") String id) {
        return ApiKeyJson.from(keys.key(parsed(id)));
    }

    @DELETE
    @Path("/{api_key_id}")
    @Operation(
            operationId = "revokeApiKey",
            summary = "Revoke an API key",
            description = "For good, within five seconds everywhere. Repeatable.")
    @APIResponse(responseCode = "204", description = "The key is revoked")
    @APIResponse(responseCode = "404", description = "There is no such API key.")
    public void revoke(@PathParam("api_key_id") String id) {
        keys.revoke(parsed(id), current.caller());
    }

    private static ApiKeyId parsed(String id) {
        Faults faults = new Faults();
        Optional<ApiKeyId> key = faults.parameter("api_key_id", id, ApiKeyId::parse);
        faults.throwIfAny();
        return key.orElseThrow();
    }
}
