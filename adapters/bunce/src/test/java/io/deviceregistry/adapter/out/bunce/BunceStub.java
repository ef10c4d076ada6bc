package io.deviceregistry.adapter.out.bunce;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/** An HTTP server in Bunce's place, the same for all tests of this module. */
public class BunceStub implements QuarkusTestResourceLifecycleManager {
    private WireMockServer server = new WireMockServer(
            WireMockConfiguration.options().bindAddress("127.0.0.1").dynamicPort());

    @Override
    public Map<String, String> start() {
        server.start();
        int port = server.port();
        server.stop();
        // On a fixed port from here on, so that a test can take it away and bring it back.
        server = new WireMockServer(
                WireMockConfiguration.options().bindAddress("127.0.0.1").port(port));
        server.start();
        return Map.of("registry.bunce.base-url", server.baseUrl() + "/v1");
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(server, new TestInjector.MatchesType(WireMockServer.class));
    }

    @Override
    public void stop() {
        server.stop();
    }
}
