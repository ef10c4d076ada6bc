package io.deviceregistry.bootstrap.local;

import java.net.URI;
import java.nio.file.Path;

/** What a person needs to know once the service runs. It holds no key but those that everybody knows. */
final class Banner {

    private String database = "";
    private String replica = "";
    private String bunce = "as the environment says";
    private String key = "$REGISTRY_BOOTSTRAP_API_KEY";
    private String sandboxSettings = "";
    private int sandboxPort;

    void ownDatabase(String url, Path dataDirectory, boolean chosen) {
        database = "%s (data in %s)".formatted(url, dataDirectory);
        replica = "QUARKUS_DATASOURCE_JDBC_URL='%s'".formatted(url)
                + (chosen ? " REGISTRY_DATA_DIR='%s'".formatted(dataDirectory) : "");
    }

    /** Its parameters are left out: a password may be among them. */
    void otherDatabase(String url) {
        database = url.replaceFirst("\\?.*", "");
    }

    void sandbox(URI baseUrl, String sandboxKey) {
        bunce = "a sandbox; what it was sent: curl " + baseUrl.resolve("/sandbox/requests");
        sandboxPort = baseUrl.getPort();
        sandboxSettings = " REGISTRY_BUNCE_BASE_URL=%s REGISTRY_BUNCE_API_KEY=%s".formatted(baseUrl, sandboxKey);
    }

    void developmentKey(String developmentKey) {
        key = developmentKey;
    }

    String text(URI service) {
        String text = """

                The device registry is ready.

                  Service     %1$s
                  Swagger UI  %1$s/q/swagger-ui
                  Database    %2$s
                  Bunce       %3$s

                Register two devices:

                curl -X POST %1$s/v1/customers/0000/devices -H "X-Authorization: %4$s" -H 'Content-Type: application/json' \\
                  -d '{"devices":[{"device_type":"android","device_token":"874jwejfoiowef5974594"},{"device_type":"ios","device_token":"112bbwe348u9839845945675464"}]}'
                """.formatted(service, database, bunce, key);
        if (replica.isEmpty()) {
            return text;
        }
        return text + """

                A second replica, in another terminal:

                %s QUARKUS_HTTP_PORT=%d%s ./registry run
                """.formatted(replica, portBeside(service.getPort()), sandboxSettings);
    }

    private int portBeside(int port) {
        return port + 1 == sandboxPort ? port + 2 : port + 1;
    }
}
