package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way in which a service can fail to do what its document says is noticed by whoever calls it. */
class OpenApiDocumentTest {
    private static final String DOCUMENT = """
            {"openapi": "3.1.0", "info": {"title": "Things", "version": "1"},
             "components": {"schemas": {
               "Kind": {"type": "string", "enum": ["SMALL", "LARGE"]},
               "Thing": {
                 "type": "object",
                 "required": ["id", "note"],
                 "properties": {
                   "id": {"type": "string"},
                   "note": {"type": ["string", "null"]},
                   "kind": {"anyOf": [{"$ref": "#/components/schemas/Kind"}, {"type": "null"}]},
                   "made_at": {"type": "string", "format": "date-time"},
                   "labels": {"type": "object", "additionalProperties": {"type": "string"}}}}}},
             "paths": {"/things/{id}": {
               "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
               "get": {
                 "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer"}}],
                 "responses": {
                   "200": {"description": "", "content": {
                     "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                   "404": {"description": "", "content": {
                     "application/problem+json": {"schema": {"$ref": "#/components/schemas/Kind"}}}}}},
               "post": {
                 "requestBody": {"required": true, "content": {
                   "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                 "responses": {
                   "204": {"description": ""},
                   "422": {"description": ""}}}}}}""";

    private HttpServer service;
    private RegistryClient client;

    /** What the service answers with, whatever it is asked. */
    private volatile Canned answer = new Canned(204, "", "");

    private record Canned(int status, String type, String body) {}

    @BeforeEach
    void start() throws IOException {
        service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        service.createContext("/", exchange -> answer(exchange, answer));
        service.createContext(
                "/q/openapi", exchange -> answer(exchange, new Canned(200, "application/json", DOCUMENT)));
        service.start();
        client = new RegistryClient(
                URI.create("http://localhost:" + service.getAddress().getPort()), "key");
    }

    @AfterEach
    void stop() {
        service.stop(0);
    }

    private static void answer(HttpExchange exchange, Canned answer) throws IOException {
        exchange.getRequestBody().readAllBytes();
        if (!answer.type.isEmpty()) {
            exchange.getResponseHeaders().add("Content-Type", answer.type);
        }
        byte[] bytes = answer.body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(answer.status, bytes.length == 0 ? -1 : bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "200 | application/json               | {\"id\":\"a\",\"note\":\"b\"}",
                "200 | application/json;charset=UTF-8 | {\"id\":\"a\",\"note\":null,\"kind\":null}",
                "200 | application/json               | {\"id\":\"a\",\"note\":\"b\",\"kind\":\"SMALL\",\"labels\":{\"any\":\"text\"}}",
                "404 | application/problem+json       | \"LARGE\""
            })
    void what_is_described_passes(int status, String type, String body) throws Exception {
        answer = new Canned(status, type, body);

        assertThat(client.get("/things/1").status()).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "200 | application/json         | {\"id\":\"a\"}                                  | property 'note' not found",
                "200 | application/json         | {\"id\":\"a\",\"note\":\"b\",\"more\":1}          | property 'more' is not defined",
                "200 | application/json         | {\"id\":null,\"note\":\"b\"}                    | null found",
                "200 | application/json         | {\"id\":7,\"note\":\"b\"}                       | integer found",
                "200 | application/json         | {\"id\":\"a\",\"note\":\"b\",\"kind\":\"HUGE\"}   | enumeration",
                "200 | application/json         | {\"id\":\"a\",\"note\":\"b\",\"labels\":{\"c\":1}} | integer found",
                "200 | application/json         | {\"id\":\"a\",\"note\":\"b\",\"made_at\":\"noon\"} | date-time",
                "200 | application/json         | no JSON                                       | JSON",
                "200 | application/json         | ''                                            | no response body",
                "200 | text/plain               | {\"id\":\"a\",\"note\":\"b\"}                     | text/plain",
                "200 | ''                       | {\"id\":\"a\",\"note\":\"b\"}                     | octet-stream",
                "404 | application/json         | \"LARGE\"                                     | application/json",
                "404 | application/problem+json | \"HUGE\"                                      | enumeration",
                "201 | application/json         | {\"id\":\"a\",\"note\":\"b\"}                     | status 201",
                "500 | ''                       | ''                                            | status 500"
            })
    void what_is_not_described_is_a_fault(int status, String type, String body, String fault) {
        answer = new Canned(status, type, body);

        assertThatThrownBy(() -> client.get("/things/1"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(fault);
    }

    @Test
    void a_body_where_none_is_described_is_a_fault() {
        answer = new Canned(422, "application/json", "{}");

        assertThatThrownBy(() -> client.post("/things/1", "{}"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("No response body is expected");
    }

    @ParameterizedTest
    @CsvSource({"/nowhere, 404", "/things/%2E%2E/elsewhere, 404", "/things/1/parts, 200", "/q/health/ready, 503"})
    void at_other_paths_anything_goes(String path, int status) throws Exception {
        answer = new Canned(status, "text/plain", "anything");

        assertThat(client.get(path).status()).isEqualTo(status);
    }

    @Test
    void for_other_methods_anything_goes() throws Exception {
        answer = new Canned(405, "text/plain", "anything");

        assertThat(client.send(client.request("/things/1").PUT(BodyPublishers.noBody()))
                        .status())
                .isEqualTo(405);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"id\":\"a\"}", "{\"id\":\"a\",\"note\":\"b\",\"more\":1}"})
    void a_request_that_is_not_described_may_be_refused_but_not_granted(String request) throws Exception {
        answer = new Canned(422, "", "");
        assertThat(client.post("/things/1", request).status()).isEqualTo(422);

        answer = new Canned(204, "", "");
        assertThat(client.post("/things/1", "{\"id\":\"a\",\"note\":null}").status())
                .isEqualTo(204);
        assertThatThrownBy(() -> client.post("/things/1", request)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_query_parameter_that_is_granted_is_described() throws Exception {
        answer = new Canned(200, "application/json", "{\"id\":\"a\",\"note\":\"b\"}");

        assertThat(client.get("/things/1?limit=7").status()).isEqualTo(200);
        assertThatThrownBy(() -> client.get("/things/1?limit=7&colour=red"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("'colour' is unexpected");
    }
}
