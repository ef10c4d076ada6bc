package io.deviceregistry.adapter.in.rest;

import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.http.HttpServerOptions;
import jakarta.enterprise.context.ApplicationScoped;

/**
 * Leaves connections that are not encrypted at HTTP/1.1. Java's own client asks to change to HTTP/2 in the middle of one
 * unless it is told otherwise, and could not read six of a thousand long answers after that. RFC 9113, 3.1, gives up that way
 * of changing; over TLS the version is agreed on before anything is sent.
 */
@ApplicationScoped
class PlainHttp implements HttpServerOptionsCustomizer {
    @Override
    public void customizeHttpServer(HttpServerOptions options) {
        options.setHttp2ClearTextEnabled(false);
    }
}
