package io.deviceregistry.bootstrap.e2e;

import static io.deviceregistry.bootstrap.e2e.ProblemAssertions.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.jose4j.jwt.JwtClaims;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Callers with tokens of the company's identity provider, beside those with keys. */
class IdentityProviderIT {
    private static IdentityProvider issuer;
    private static Deployment deployment;
    private static RegistryClient registry;

    @BeforeAll
    static void start() {
        issuer = IdentityProvider.start();
        deployment = new Deployment()
                .with("QUARKUS_OIDC_AUTH_SERVER_URL", issuer.url())
                .with("QUARKUS_OIDC_TOKEN_AUDIENCE", IdentityProvider.AUDIENCE)
                .with("QUARKUS_LOG_LEVEL", "DEBUG");
        registry = deployment.start();
    }

    @AfterAll
    static void stop() {
        deployment.close();
        issuer.close();
    }

    private static Answer list(String token) throws IOException, InterruptedException {
        return registry.send(
                registry.request("/v1/customers/anybody/devices").header("Authorization", "Bearer " + token));
    }

    private static Answer register(String token, String customer, String... headers)
            throws IOException, InterruptedException {
        var request = registry.request("/v1/customers/" + customer + "/devices")
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json");
        return registry.send((headers.length == 0 ? request : request.headers(headers))
                .POST(BodyPublishers.ofString(
                        "{\"devices\":[{\"device_type\":\"ios\",\"device_token\":\"token-" + customer + "\"}]}")));
    }

    @Test
    void a_token_opens_what_its_scopes_name_and_keys_work_beside_it() throws Exception {
        String reader = issuer.sign(issuer.claims("a-service", "openid devices:read"));

        assertThat(list(reader).status()).isEqualTo(200);
        Answer refused = register(reader, "by-reader");
        assertProblem(refused, 403, "FORBIDDEN");
        assertThat(refused.text("/detail")).contains("devices:write");
        assertThat(register(issuer.sign(issuer.claims("a-service", "devices:write")), "by-writer")
                        .status())
                .isEqualTo(201);
        assertThat(registry.list("by-writer").status()).isEqualTo(200);
    }

    @Test
    void scopes_may_be_in_the_other_usual_claim_as_words_or_as_a_list() throws Exception {
        JwtClaims words = issuer.claims("a-service", "");
        words.unsetClaim("scope");
        words.setStringClaim("scp", "openid devices:read");
        JwtClaims list = issuer.claims("a-service", "");
        list.unsetClaim("scope");
        list.setStringListClaim("scp", "openid", "devices:read");
        JwtClaims both = issuer.claims("a-service", "devices:read");
        both.setStringListClaim("scp", "devices:write");
        JwtClaims none = issuer.claims("a-service", "");
        none.unsetClaim("scope");

        for (JwtClaims claims : List.of(words, list, both)) {
            assertThat(list(issuer.sign(claims)).status()).isEqualTo(200);
        }
        for (JwtClaims claims : List.of(words, list, none)) {
            assertProblem(register(issuer.sign(claims), "by-scp"), 403, "FORBIDDEN");
        }
        assertThat(register(issuer.sign(both), "by-scp").status()).isEqualTo(201);
    }

    @Test
    void a_token_that_is_not_for_us_not_from_the_issuer_too_old_or_forged_is_refused() throws Exception {
        JwtClaims good = issuer.claims("a-service", "devices:read");
        JwtClaims forOthers = issuer.claims("a-service", "devices:read");
        forOthers.setAudience("another-service");
        JwtClaims forNobody = issuer.claims("a-service", "devices:read");
        forNobody.unsetClaim("aud");
        JwtClaims fromOthers = issuer.claims("a-service", "devices:read");
        fromOthers.setIssuer("https://elsewhere.example.com");
        JwtClaims expired = issuer.claims("a-service", "devices:read");
        expired.setExpirationTime(IdentityProvider.in(Duration.ofMinutes(-5)));
        JwtClaims nameless = issuer.claims("a-service", "devices:read");
        nameless.unsetClaim("sub");
        String unsigned = encoded("{\"alg\":\"none\"}") + "." + encoded(good.toJson()) + ".";

        assertThat(list(issuer.sign(good)).status()).isEqualTo(200);
        for (String token : List.of(
                issuer.sign(forOthers),
                issuer.sign(forNobody),
                issuer.sign(fromOthers),
                issuer.sign(expired),
                issuer.sign(nameless),
                IdentityProvider.sign(good, IdentityProvider.newKey("one")),
                IdentityProvider.sign(good, IdentityProvider.newKey("unknown")),
                unsigned,
                "rubbish")) {
            assertProblem(list(token), 401, "UNAUTHENTICATED");
        }
    }

    private static String encoded(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void a_subject_is_not_the_caller_of_a_key_that_has_its_name() throws Exception {
        String key = registry.post("/v1/api-keys", "{\"caller\":\"shop\",\"scopes\":[\"devices:write\"]}")
                .text("/key");

        Answer byKey = register(key, "same-name", "Idempotency-Key", "k");
        Answer byToken =
                register(issuer.sign(issuer.claims("shop", "devices:write")), "same-name", "Idempotency-Key", "k");
        Answer again =
                register(issuer.sign(issuer.claims("shop", "devices:write")), "same-name", "Idempotency-Key", "k");

        assertThat(byKey.status()).isEqualTo(201);
        assertThat(byToken.header("Idempotency-Replayed")).isEmpty();
        assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
    }

    @Test
    void a_token_is_in_no_log() throws Exception {
        String token = issuer.sign(issuer.claims("logged", "devices:read"));
        String forged = IdentityProvider.sign(issuer.claims("logged", "devices:read"), IdentityProvider.newKey("one"));
        String opaque = "opaque-and-secret";
        list(token);
        list(forged);
        list(opaque);

        assertThat(deployment.log())
                .contains("\"level\":\"DEBUG\"")
                .doesNotContain(token.substring(token.lastIndexOf('.')))
                .doesNotContain(forged.substring(forged.lastIndexOf('.')))
                .doesNotContain(opaque);
    }

    @Test
    void an_issuer_without_an_audience_stops_the_start() throws Exception {
        try (Deployment open = new Deployment().with("QUARKUS_OIDC_AUTH_SERVER_URL", issuer.url())) {
            assertThat(open.launch().awaitEnd()).isNotZero();
            assertThat(open.log()).contains("quarkus.oidc.token.audience");
        }
    }

    @Test
    void while_the_issuer_is_down_keys_work() throws Exception {
        IdentityProvider other = IdentityProvider.start();
        String url = other.url();
        other.close();
        try (Deployment alone = new Deployment()
                .with("QUARKUS_OIDC_AUTH_SERVER_URL", url)
                .with("QUARKUS_OIDC_TOKEN_AUDIENCE", IdentityProvider.AUDIENCE)) {
            RegistryClient client = alone.start();

            assertThat(client.list("anybody").status()).isEqualTo(200);
            assertProblem(
                    client.send(client.request("/v1/customers/anybody/devices")
                            .header("Authorization", "Bearer " + issuer.sign(issuer.claims("a", "devices:read")))),
                    503,
                    "IDENTITY_PROVIDER_UNAVAILABLE");
        }
    }
}
