package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.bootstrap.e2e.CommandLineRun.Result;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code ./registry key} as a person types it. */
class KeyCommandIT {
    private static Deployment deployment;
    private static RegistryClient registry;

    @BeforeAll
    static void start() {
        deployment = new Deployment();
        registry = deployment.start();
    }

    @AfterAll
    static void stop() {
        deployment.close();
    }

    private static Result key(Map<String, String> environment, String... arguments) throws Exception {
        return CommandLineRun.of(registry.url(), environment, "key", arguments).result();
    }

    private static Result key(String... arguments) throws Exception {
        return key(Map.of("REGISTRY_API_KEY", Deployment.API_KEY), arguments);
    }

    @Test
    void a_key_is_issued_listed_and_revoked() throws Exception {
        Result issued =
                key("issue", "shop", "--scope", "devices:read,devices:write", "--expires", "2099-01-01T00:00:00Z");

        assertThat(issued.code()).as(issued.err()).isZero();
        String secret = issued.out().strip();
        assertThat(secret).matches("dr_live_\\w{38}");
        RegistryClient shop = new RegistryClient(registry.url(), secret);
        assertThat(shop.register("by-command", "ios", "by-command").status()).isEqualTo(201);

        Result listed = key("list");
        assertThat(listed.code()).as(listed.err()).isZero();
        assertThat(listed.out())
                .contains("shop", "devices:read,devices:write", secret.substring(secret.length() - 4), "2099-01-01")
                .doesNotContain(secret);
        String id = registry.get("/v1/api-keys").text("/api_keys/0/api_key_id");
        assertThat(listed.out()).contains(id);

        assertThat(key("revoke", id).code()).isZero();
        assertThat(key("list").out()).contains("revoked");
    }

    @Test
    void what_is_refused_ends_with_the_services_words() throws Exception {
        Result unknownScope = key("issue", "shop", "--scope", "devices:fly");
        Result unknownKey = key("revoke", "018c7737-0ab2-78f7-ba75-1710dd8fe631");
        Result wrongKey = key(Map.of("REGISTRY_API_KEY", "not-a-key"), "list");
        Result noService = key(Map.of("REGISTRY_API_KEY", "k", "REGISTRY_URL", "http://localhost:1"), "list");

        assertThat(unknownScope.code()).isEqualTo(1);
        assertThat(unknownScope.err()).contains("/scopes/0 must be one of", "devices:read");
        assertThat(unknownKey.code()).isEqualTo(1);
        assertThat(unknownKey.err()).contains("There is no API key");
        assertThat(wrongKey.code()).isEqualTo(1);
        assertThat(wrongKey.err()).contains("valid API key");
        assertThat(noService.code()).isEqualTo(1);
        assertThat(noService.err()).contains("http://localhost:1 does not answer");
    }

    @Test
    void what_makes_no_sense_is_answered_with_how_to_use_it() throws Exception {
        Result incomplete = key("issue", "shop");
        Result noKey = key(Map.of(), "list");
        Result help = key("--help");

        assertThat(incomplete.code()).isEqualTo(2);
        assertThat(incomplete.err()).contains("--scope");
        assertThat(noKey.code()).isEqualTo(2);
        assertThat(noKey.err()).contains("REGISTRY_API_KEY");
        assertThat(help.code()).isZero();
        assertThat(help.out()).contains("issue", "list", "revoke", "REGISTRY_API_KEY");
    }
}
