package io.deviceregistry.adapter.out.bunce;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import io.deviceregistry.application.port.out.DeviceProvider;
import io.deviceregistry.application.testing.DeviceProviderContract;
import io.deviceregistry.domain.DeviceType;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import org.junit.jupiter.api.AfterEach;

/** The Bunce adapter keeps the contract of its port. */
@QuarkusTest
@WithTestResource(BunceStub.class)
class BunceContractTest extends DeviceProviderContract {
    @Inject
    DeviceProvider provider;

    @SuppressWarnings("NullAway.Init") // by BunceStub
    WireMockServer bunce;

    @AfterEach
    void bringBunceBack() {
        if (!bunce.isRunning()) {
            bunce.start();
        }
        bunce.resetAll();
    }

    @Override
    protected DeviceProvider provider() {
        return provider;
    }

    @Override
    protected DeviceType supportedType() {
        return new DeviceType("android");
    }

    @Override
    protected void remote(Remote behaviour) {
        switch (behaviour) {
            case ACCEPTS -> BunceEcho.on(bunce);
            case REFUSES_THE_DEVICE -> answer(error(422, "device_token is invalid"));
            case HAS_NO_SUCH_CUSTOMER -> answer(error(404, "Customer not found"));
            case THROTTLES ->
                answer(error(429, "You have reached maximum request limit.").withHeader("Retry-After", "7"));
            case REFUSES_OUR_CREDENTIALS -> answer(error(401, "Unauthorized"));
            case FAILS -> answer(error(500, "Internal server error"));
            case ANSWERS_RUBBISH -> answer(aResponse().withStatus(200).withBody("<html>welcome</html>"));
            case CLOSES_THE_CONNECTION -> answer(aResponse().withFault(Fault.EMPTY_RESPONSE));
            case ANSWERS_TOO_LATE -> answer(aResponse().withStatus(200).withFixedDelay(20_000));
            case ANSWERS_DROP_BY_DROP ->
                // A piece in every half second, well within the time that each may take.
                answer(aResponse()
                        .withStatus(201)
                        .withBody("{\"devices\":[" + " ".repeat(10_000) + "]}")
                        .withChunkedDribbleDelay(60, 30_000));
            case CANNOT_BE_REACHED -> bunce.stop();
        }
    }

    private void answer(ResponseDefinitionBuilder response) {
        bunce.stubFor(any(anyUrl()).willReturn(response));
    }

    private static ResponseDefinitionBuilder error(int status, String message) {
        return aResponse()
                .withStatus(status)
                .withHeader("Content-Type", "application/json")
                .withBody("{\"success\":false,\"message\":\"" + message + "\"}");
    }
}
