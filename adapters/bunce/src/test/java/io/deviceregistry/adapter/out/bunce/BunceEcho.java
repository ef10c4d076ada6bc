package io.deviceregistry.adapter.out.bunce;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.patch;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;

import com.github.tomakehurst.wiremock.WireMockServer;

/** A Bunce that accepts everything and answers a creation with what it was sent, as the real one does. */
final class BunceEcho {
    private static final String DEVICES = "/v1/customers/[^/]+/devices";

    /** Each sent device with an id made from its token, so that a mix-up shows. */
    private static final String CREATED = """
            {"devices":[{{#each (jsonPath request.body '$.devices')}}{{#unless @first}},{{/unless}}\
            {"device_id":"remote-{{this.device_token}}","device_type":"{{this.device_type}}",\
            "device_token":"{{this.device_token}}"}{{/each}}]}""";

    private BunceEcho() {}

    static void on(WireMockServer bunce) {
        bunce.stubFor(post(urlPathMatching(DEVICES))
                .willReturn(aResponse()
                        .withStatus(201)
                        .withHeader("Content-Type", "application/json")
                        .withBody(CREATED)
                        .withTransformers("response-template")));
        bunce.stubFor(patch(urlPathMatching(DEVICES))
                .willReturn(aResponse()
                        .withStatus(200)
                        .withHeader("Content-Type", "application/json")
                        .withBody("true")));
    }
}
