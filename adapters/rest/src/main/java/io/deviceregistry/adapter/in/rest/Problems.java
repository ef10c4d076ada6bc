package io.deviceregistry.adapter.in.rest;

import io.deviceregistry.application.port.out.LookupKeyRefusedException;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.ChangesGoneException;
import io.deviceregistry.domain.ConflictingTypesException;
import io.deviceregistry.domain.DeviceRemovedException;
import io.deviceregistry.domain.IdempotencyKeyReusedException;
import io.deviceregistry.domain.ImportEndedException;
import io.deviceregistry.domain.InvalidMembersException;
import io.deviceregistry.domain.InvalidValueException;
import io.deviceregistry.domain.RegistryException;
import io.deviceregistry.domain.RequestUnderWayException;
import io.deviceregistry.domain.StaleVersionException;
import io.deviceregistry.domain.TooManyDevicesException;
import io.deviceregistry.domain.UnknownApiKeyException;
import io.deviceregistry.domain.UnknownCustomerException;
import io.deviceregistry.domain.UnknownDeviceException;
import io.deviceregistry.domain.UnknownErasureException;
import io.deviceregistry.domain.UnknownImportException;
import io.deviceregistry.domain.UnknownTokenException;
import io.quarkus.oidc.OIDCException;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.ForbiddenException;
import io.quarkus.security.UnauthorizedException;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/**
 * Turns every failure into a problem of one form (RFC 9457), those of the framework included. Texts that the framework
 * made are never passed on: they may quote the request.
 */
@ApplicationScoped
class Problems {
    private static final long ANSWER_HAS_LEFT_MILLIS = 1_000;

    private static final Logger LOG = System.getLogger(Problems.class.getName());

    private final Operations operations;

    Problems(Operations operations) {
        this.operations = operations;
    }

    @ServerExceptionMapper
    Response of(RegistryException exception) {
        return switch (exception) {
            case UnknownDeviceException e -> problem(ProblemCode.DEVICE_NOT_FOUND, e);
            case UnknownTokenException e -> problem(ProblemCode.DEVICE_NOT_FOUND, e);
            case UnknownCustomerException e -> problem(ProblemCode.CUSTOMER_NOT_FOUND, e);
            case UnknownErasureException e -> problem(ProblemCode.ERASURE_NOT_FOUND, e);
            case UnknownImportException e -> problem(ProblemCode.IMPORT_NOT_FOUND, e);
            case ImportEndedException e -> problem(ProblemCode.IMPORT_ENDED, e);
            case UnknownApiKeyException e -> problem(ProblemCode.API_KEY_NOT_FOUND, e);
            case ChangesGoneException e -> problem(ProblemCode.CHANGES_GONE, e);
            case DeviceRemovedException e -> problem(ProblemCode.DEVICE_REMOVED, e);
            case StaleVersionException e -> problem(ProblemCode.PRECONDITION_FAILED, e);
            case RequestUnderWayException e -> problem(ProblemCode.REQUEST_UNDER_WAY, e);
            case IdempotencyKeyReusedException e ->
                invalid(
                        ProblemCode.IDEMPOTENCY_KEY_REUSED,
                        Fault.ofParameter(IdempotentAnswers.HEADER, e.getMessage()));
            case ConflictingTypesException e ->
                of(new InvalidRequestException(e.positions().stream()
                        .map(position -> Fault.at(DeviceReader.pointerToType(position), ConflictingTypesException.RULE))
                        .toList()));
            // Values are made where their place in the request is known; these are places that were forgotten.
            case TooManyDevicesException e -> invalid(ProblemCode.TOO_MANY_DEVICES, Fault.at("", e.getMessage()));
            case InvalidValueException e -> invalid(ProblemCode.INVALID_REQUEST, Fault.at("", e.getMessage()));
            case InvalidMembersException e -> invalid(ProblemCode.INVALID_REQUEST, Fault.at("", e.getMessage()));
        };
    }

    @ServerExceptionMapper
    Response of(InvalidRequestException exception) {
        return response(exception.problem());
    }

    @ServerExceptionMapper
    Response of(MalformedJsonException exception) {
        return response(ProblemJson.of(ProblemCode.MALFORMED_REQUEST, exception.getMessage(), null));
    }

    @ServerExceptionMapper
    Response of(UnreadableBodyException exception, RoutingContext context) {
        closeAfterAnswer(context);
        return response(exception.problem());
    }

    /**
     * To be called where a body is not read to its end: the server would go on reading it for ever. The answer is written at
     * once, so it has left by then.
     */
    static void closeAfterAnswer(RoutingContext context) {
        context.response().putHeader("Connection", "close");
        context.vertx()
                .setTimer(
                        ANSWER_HAS_LEFT_MILLIS,
                        _ -> context.request().connection().close());
    }

    @ServerExceptionMapper
    Response of(StoreUnavailableException exception) {
        LOG.log(Level.WARNING, "A request failed for want of the store: {0}", String.valueOf(exception.getCause()));
        return repeatable(ProblemCode.STORE_UNAVAILABLE, 1);
    }

    @ServerExceptionMapper
    Response of(LookupKeyRefusedException exception) {
        return response(ProblemJson.of(ProblemCode.LOOKUP_KEY_NOT_READY, exception.getMessage(), null));
    }

    @ServerExceptionMapper
    Response of(NoPlaceException exception) {
        return repeatable(ProblemCode.OVERLOADED, 1);
    }

    @ServerExceptionMapper
    Response of(OIDCException exception) {
        LOG.log(Level.WARNING, "A token could not be checked: {0}", exception.getMessage());
        return response(ProblemJson.of(ProblemCode.IDENTITY_PROVIDER_UNAVAILABLE));
    }

    @ServerExceptionMapper({UnauthorizedException.class, AuthenticationFailedException.class})
    Response ofMissingKey() {
        return Response.fromResponse(response(ProblemJson.of(ProblemCode.UNAUTHENTICATED)))
                .header("WWW-Authenticate", "Bearer")
                .build();
    }

    @ServerExceptionMapper
    Response of(ForbiddenException exception, ResourceInfo resource) {
        return forbidden(Scopes.of(resource.getResourceMethod()));
    }

    @ServerExceptionMapper
    Response of(MissingScopeException exception) {
        return forbidden(List.of(exception.scope().word()));
    }

    @ServerExceptionMapper
    Response of(TooManyRequestsException exception) {
        return repeatable(ProblemCode.TOO_MANY_REQUESTS, exception.seconds());
    }

    private static Response repeatable(ProblemCode code, long afterSeconds) {
        return Response.fromResponse(response(ProblemJson.of(code)))
                .header("Retry-After", afterSeconds)
                .build();
    }

    /** @param scopes one of which is needed */
    private static Response forbidden(List<String> scopes) {
        String detail = scopes.size() == 1
                ? "The caller lacks the scope " + scopes.getFirst() + "."
                : "The caller lacks one of the scopes " + String.join(", ", scopes) + ".";
        return Response.fromResponse(response(ProblemJson.of(ProblemCode.FORBIDDEN, detail, null)))
                // RFC 6750, 3.1.
                .header(
                        "WWW-Authenticate",
                        "Bearer error=\"insufficient_scope\", scope=\"" + String.join(" ", scopes) + "\"")
                .build();
    }

    /** What Jakarta REST throws: no such path, method, media type. */
    @ServerExceptionMapper
    Response of(WebApplicationException exception, RoutingContext context) {
        Response made = exception.getResponse();
        if (made.getStatus() < 400) {
            return made;
        }
        Response problem = response(ProblemJson.of(ProblemCode.ofStatus(made.getStatus())));
        return made.getStatus() == ProblemCode.METHOD_NOT_ALLOWED.status()
                ? Response.fromResponse(problem)
                        .header(HttpHeaders.ALLOW, String.join(", ", operations.methodsAt(context.normalizedPath())))
                        .build()
                : problem;
    }

    @ServerExceptionMapper
    Response of(Throwable failure) {
        LOG.log(Level.ERROR, "A request failed", failure);
        return response(ProblemJson.of(ProblemCode.INTERNAL_ERROR));
    }

    private static Response problem(ProblemCode code, RegistryException exception) {
        return response(ProblemJson.of(code, exception.getMessage(), null));
    }

    private static Response invalid(ProblemCode code, Fault fault) {
        return response(ProblemJson.of(code, code.detail(), List.of(fault)));
    }

    private static Response response(ProblemJson problem) {
        return Response.status(problem.status())
                .type(ProblemJson.MEDIA_TYPE)
                .entity(problem)
                .build();
    }
}
