package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.bootstrap.deploy.Tool;
import io.deviceregistry.bootstrap.local.Ports;
import io.deviceregistry.db.LocalPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HTTPS, with the commands and the settings of OPERATIONS.md. */
class TlsIT {
    private static final String PASSWORD = "of-no-importance";
    private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

    @TempDir
    private Path folder;

    private final int port = Ports.free();

    private Path ours;

    /** Another authority of the same name, so that nobody can tell its certificates by their names. */
    private Path theirs;

    @BeforeEach
    void issueCertificates() throws Exception {
        ours = issue("ours");
        theirs = issue("theirs");
    }

    @Test
    void https_is_served_and_plain_http_answers_probes_only_and_a_new_certificate_needs_no_restart() throws Exception {
        try (Deployment deployment = with(blockOfOperations("QUARKUS_HTTP_SSL_PORT"), new Deployment())) {
            deployment.with("QUARKUS_TLS__HTTPS__RELOAD_PERIOD", "1S");
            URI plain = started(deployment);
            HttpClient caller = caller(ours, null);

            HttpResponse<String> registered = register(caller, "a");
            assertThat(registered.statusCode()).isEqualTo(201);
            assertThat(registered.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThatThrownBy(() -> register(caller(theirs, null), "a")).isInstanceOf(SSLException.class);
            HttpResponse<String> refused = caller.send(registration(plain, "b"), BodyHandlers.ofString());
            assertThat(refused.statusCode()).isEqualTo(404);
            assertThat(refused.version()).as("which was asked to change").isEqualTo(HttpClient.Version.HTTP_1_1);
            assertThat(refused.headers().firstValue("Content-Type")).hasValue("application/problem+json");
            assertThat(refused.body()).contains("\"code\":\"NOT_FOUND\"", "Without TLS");
            assertThat(status(caller, plain + "/q/metrics")).isEqualTo(404);
            assertThat(status(caller, plain + "/q/healthy")).isEqualTo(404);
            assertThat(status(caller, plain + "/q/health/live")).isEqualTo(200);

            replaceCertificate();

            await().atMost(Duration.ofSeconds(20))
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .untilAsserted(() -> assertThat(
                                    register(caller(theirs, null), "a").statusCode())
                            .isEqualTo(200));
        }
    }

    @Test
    void nobody_is_let_in_without_a_certificate_and_both_sides_of_the_service_can_be_encrypted() throws Exception {
        try (LocalPostgres postgres = LocalPostgres.persistent(
                        folder.resolve("data"),
                        Map.of(
                                "ssl", "on",
                                "ssl_cert_file", ours.resolve("tls.crt").toString(),
                                "ssl_key_file", ours.resolve("tls.key").toString()));
                Deployment deployment = with(
                        blockOfOperations("QUARKUS_HTTP_SSL_PORT")
                                + blockOfOperations("QUARKUS_TLS__HTTPS__TRUST_STORE"),
                        new Deployment(postgres, postgres.jdbcUrl(), null));
                Wire bunce = new Wire(
                        deployment.bunce().baseUrl().getPort(),
                        context(ours, ours.resolve("tls.p12")).getServerSocketFactory())) {
            String authority = ours.resolve("ca.crt").toString();
            URI plain = started(deployment
                    .with("QUARKUS_TLS__HTTPS__RELOAD_PERIOD", "1S")
                    .with(
                            "QUARKUS_DATASOURCE_JDBC_URL",
                            postgres.jdbcUrl() + "?sslmode=verify-full&sslrootcert=" + authority)
                    .with("REGISTRY_BUNCE_BASE_URL", "https://localhost:%d/v1".formatted(bunce.port()))
                    .with("QUARKUS_TLS__BUNCE__TRUST_STORE_PEM_CERTS", authority)
                    .with("QUARKUS_REST_CLIENT_BUNCE_TLS_CONFIGURATION_NAME", "bunce"));
            HttpClient caller = caller(ours, ours);

            assertThat(register(caller, "a").statusCode()).isEqualTo(201);
            assertThat(status(caller, "https://localhost:" + port + "/v1/sync")).isEqualTo(401);
            assertOthersAreRefused(ours);
            assertThat(status(caller, plain + "/v1/sync")).isEqualTo(404);
            assertThat(status(caller, plain + "/q/health/ready")).isEqualTo(200);
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(deployment.told("a")).containsExactly("a + token-of-a"));
            assertConnectionsAreEncrypted(deployment);

            // Certificates are still asked for, and by then those of another authority.
            replaceCertificate();
            Files.copy(theirs.resolve("ca.crt"), ours.resolve("ca.crt"), StandardCopyOption.REPLACE_EXISTING);

            await().atMost(Duration.ofSeconds(20))
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .untilAsserted(() -> assertThat(
                                    register(caller(theirs, theirs), "a").statusCode())
                            .isEqualTo(200));
            assertOthersAreRefused(theirs);
        }
    }

    @Test
    void certificates_are_not_required_in_vain() throws Exception {
        try (Deployment deployment = with(blockOfOperations("QUARKUS_HTTP_SSL_PORT"), new Deployment())) {
            refuses(deployment.with("REGISTRY_REQUIRE_CLIENT_CERTIFICATE", "true"), "a trust store");
            refuses(
                    with(blockOfOperations("QUARKUS_TLS__HTTPS__TRUST_STORE"), deployment)
                            .with("QUARKUS_HTTP_INSECURE_REQUESTS", "enabled"),
                    "quarkus.http.insecure-requests");
        }
    }

    private static void refuses(Deployment deployment, String words) throws InterruptedException {
        assertThat(deployment.launch().awaitEnd()).isNotZero();
        assertThat(deployment.log()).containsPattern("registry.require-client-certificate .*" + words);
    }

    /** Of those who trust the service, whoever shows no certificate, and whoever shows one of the other authority. */
    private void assertOthersAreRefused(Path trusted) {
        assertThatThrownBy(() -> register(caller(trusted, null), "a")).isInstanceOf(IOException.class);
        Path other = trusted.equals(ours) ? theirs : ours;
        assertThatThrownBy(() -> register(caller(trusted, other), "a")).isInstanceOf(IOException.class);
    }

    private static void assertConnectionsAreEncrypted(Deployment deployment) throws Exception {
        try (Connection connection = deployment.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        select count(*), bool_and(ssl)
                          from pg_stat_ssl join pg_stat_activity using (pid)
                         where application_name = 'device-registry'""")) {
            row.next();
            assertThat(row.getInt(1)).isPositive();
            assertThat(row.getBoolean(2)).isTrue();
        }
    }

    /** By one of the other authority. */
    private void replaceCertificate() throws IOException {
        for (String file : List.of("tls.key", "tls.crt")) {
            Files.copy(theirs.resolve(file), ours.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private Deployment with(String settings, Deployment deployment) {
        for (String line : settings.lines().toList()) {
            String name = line.substring(0, line.indexOf('='));
            String value = line.substring(name.length() + 1);
            deployment.with(
                    name, value.matches(".*\\.(crt|key)") ? ours.resolve(value).toString() : value);
        }
        return deployment.with("QUARKUS_HTTP_SSL_PORT", String.valueOf(port));
    }

    /** @return where it serves plain HTTP; that port, which tells that it is ready, may be there before that of HTTPS */
    private URI started(Deployment deployment) {
        URI plain = deployment.start().url();
        await().ignoreException(ConnectException.class).until(() -> {
            new Socket("localhost", port).close();
            return true;
        });
        return plain;
    }

    private HttpResponse<String> register(HttpClient caller, String customer) throws IOException, InterruptedException {
        return caller.send(registration(URI.create("https://localhost:" + port), customer), BodyHandlers.ofString());
    }

    private static HttpRequest registration(URI url, String customer) {
        return HttpRequest.newBuilder(URI.create(url + "/v1/customers/" + customer + "/devices"))
                .header("X-Authorization", Deployment.API_KEY)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(
                        "{\"devices\":[{\"device_type\":\"ios\",\"device_token\":\"token-of-%s\"}]}"
                                .formatted(customer)))
                .build();
    }

    private static int status(HttpClient caller, String url) throws IOException, InterruptedException {
        return caller.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.discarding())
                .statusCode();
    }

    /** A caller who has no connection yet. */
    private static HttpClient caller(Path trusted, @Nullable Path known) throws Exception {
        SSLContext context = context(trusted, known == null ? null : known.resolve("caller.p12"));
        return HttpClient.newBuilder()
                .sslContext(context)
                .connectTimeout(Duration.ofSeconds(5))
                .build();
    }

    private static SSLContext context(Path trusted, @Nullable Path own) throws IOException, GeneralSecurityException {
        KeyManager[] keys = {};
        if (own != null) {
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(KeyStore.getInstance(own.toFile(), PASSWORD.toCharArray()), PASSWORD.toCharArray());
            keys = factory.getKeyManagers();
        }
        KeyStore authority = KeyStore.getInstance("PKCS12");
        authority.load(null, null);
        try (InputStream in = Files.newInputStream(trusted.resolve("ca.crt"))) {
            authority.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(authority);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, trust.getTrustManagers(), null);
        return context;
    }

    /** The files that the commands make, and those of keys in the form that Java reads. */
    private Path issue(String name) throws Exception {
        Path issued = Files.createDirectory(folder.resolve(name));
        for (String command : blockOfOperations("openssl").lines().toList()) {
            openssl(issued, command);
        }
        for (String each : List.of("tls", "caller")) {
            openssl(
                    issued,
                    "openssl pkcs12 -export -in %1$s.crt -inkey %1$s.key -out %1$s.p12 -passout pass:%2$s"
                            .formatted(each, PASSWORD));
        }
        return issued;
    }

    private static void openssl(Path folder, String command) throws IOException, InterruptedException {
        Tool.OPENSSL.run(
                folder,
                WORD.matcher(command)
                        .results()
                        .skip(1)
                        .map(word -> word.group(word.group(1) == null ? 2 : 1))
                        .toArray(String[]::new));
    }

    /** The lines of the one that begins with these words in the chapter about TLS. */
    private static String blockOfOperations(String words) throws IOException {
        String chapter = Files.readString(Path.of("OPERATIONS.md")).split("\n## TLS\n", 2)[1];
        int start = chapter.indexOf("\n```\n" + words) + "\n```\n".length();
        return chapter.substring(start, chapter.indexOf("```", start));
    }
}
