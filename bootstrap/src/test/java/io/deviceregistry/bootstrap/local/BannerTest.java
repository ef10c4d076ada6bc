package io.deviceregistry.bootstrap.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class BannerTest {

    private static final URI SERVICE = URI.create("http://localhost:8080");

    private final Banner banner = new Banner();

    @Test
    void given_the_development_key_when_the_text_is_made_then_its_curl_line_holds_it() {
        banner.developmentKey("well-known");

        assertThat(banner.text(SERVICE)).contains("""
                        curl -X POST http://localhost:8080/v1/customers/0000/devices -H "X-Authorization: well-known" -H 'Content-Type: application/json' \\
                          -d '{"devices":[{"device_type":"android",""");
    }

    @Test
    void given_another_key_when_the_text_is_made_then_its_curl_line_holds_the_variable() {
        assertThat(banner.text(SERVICE)).contains("\"X-Authorization: $REGISTRY_BOOTSTRAP_API_KEY\"");
    }

    @Test
    void given_the_url_of_another_database_when_the_text_is_made_then_its_password_is_not_told() {
        banner.otherDatabase("jdbc:postgresql://db.example/registry?user=me&password=geheim");

        assertThat(banner.text(SERVICE))
                .contains("jdbc:postgresql://db.example/registry")
                .doesNotContain("geheim")
                .doesNotContain("replica");
    }

    @Test
    void given_an_own_database_and_sandbox_when_the_text_is_made_then_a_replica_can_be_started_with_both() {
        banner.ownDatabase("jdbc:postgresql://localhost:5432/registry?user=registry", Path.of("/data"), true);
        banner.sandbox(URI.create("http://127.0.0.1:8090/v1"), "sk_test_local");

        assertThat(banner.text(SERVICE))
                .contains("curl http://127.0.0.1:8090/sandbox/requests")
                .contains("QUARKUS_DATASOURCE_JDBC_URL='jdbc:postgresql://localhost:5432/registry?user=registry'")
                .contains("REGISTRY_DATA_DIR='/data' QUARKUS_HTTP_PORT=8081")
                .contains("REGISTRY_BUNCE_BASE_URL=http://127.0.0.1:8090/v1 REGISTRY_BUNCE_API_KEY=sk_test_local");
    }

    @Test
    void given_a_sandbox_at_the_next_port_when_the_text_is_made_then_a_replica_gets_the_one_behind_it() {
        banner.ownDatabase("jdbc:postgresql://localhost:5432/registry", Path.of("/data"), false);
        banner.sandbox(URI.create("http://127.0.0.1:8081/v1"), "sk_test_local");

        assertThat(banner.text(SERVICE)).contains("QUARKUS_HTTP_PORT=8082");
    }
}
