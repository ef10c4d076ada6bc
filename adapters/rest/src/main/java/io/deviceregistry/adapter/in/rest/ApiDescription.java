package io.deviceregistry.adapter.in.rest;

import jakarta.ws.rs.core.Application;
import org.eclipse.microprofile.openapi.annotations.OpenAPIDefinition;
import org.eclipse.microprofile.openapi.annotations.enums.SecuritySchemeIn;
import org.eclipse.microprofile.openapi.annotations.enums.SecuritySchemeType;
import org.eclipse.microprofile.openapi.annotations.info.Info;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.security.SecurityScheme;

/** What the OpenAPI document says of the interface as a whole. */
@OpenAPIDefinition(
        info =
                @Info(
                        title = "Device registry",
                        version = "1",
                        description = "The one place where customers' devices are registered. Every error is an "
                                + "application/problem+json with a stable code."),
        security = {@SecurityRequirement(name = "key"), @SecurityRequirement(name = "bearer")})
@SecurityScheme(
        securitySchemeName = "key",
        type = SecuritySchemeType.APIKEY,
        in = SecuritySchemeIn.HEADER,
        apiKeyName = ApiKeyMechanism.HEADER)
@SecurityScheme(securitySchemeName = "bearer", type = SecuritySchemeType.HTTP, scheme = "bearer")
public class ApiDescription extends Application {}
