package io.deviceregistry.adapter.out.bunce;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.equalToJson;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.patchRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.github.tomakehurst.wiremock.WireMockServer;
import io.deviceregistry.application.port.out.CreatesCustomers;
import io.deviceregistry.application.port.out.DeviceProvider;
import io.deviceregistry.application.port.out.Holding;
import io.deviceregistry.application.port.out.ListsDevices;
import io.deviceregistry.application.port.out.ListsDevices.Listing;
import io.deviceregistry.application.port.out.ListsDevices.RemoteDevice;
import io.deviceregistry.application.port.out.Outcome;
import io.deviceregistry.application.port.out.ProviderCall;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.Profile;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.eclipse.microprofile.rest.client.inject.RestClient;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes over the wire to Bunce, and how its answers are read. */
@QuarkusTest
@WithTestResource(BunceStub.class)
class BunceProviderTest {
    private static final CustomerId CUSTOMER = new CustomerId("auth0|5f7c+x@y");
    private static final Device ANDROID = device("android", "874jwejfoiowef5974594");
    private static final Device IOS = device("ios", "112bbwe348u9839845945675464");
    private static final ProviderCall.Create BOTH = new ProviderCall.Create(CUSTOMER, List.of(ANDROID, IOS));

    @Inject
    DeviceProvider provider;

    @Inject
    @RestClient
    BunceApi api;

    @SuppressWarnings("NullAway.Init") // by BunceStub
    WireMockServer bunce;

    @BeforeEach
    void forget() {
        bunce.resetAll();
    }

    private static Device device(String type, String token) {
        return Device.registered(
                new DeviceId(UUID.randomUUID()),
                CUSTOMER,
                new DeviceRegistration(new DeviceType(type), new DeviceToken(token), null),
                Instant.EPOCH);
    }

    private void answers(int status, String body) {
        bunce.stubFor(any(anyUrl())
                .willReturn(aResponse()
                        .withStatus(status)
                        .withHeader("Content-Type", "application/json")
                        .withBody(body)));
    }

    private Outcome created(Device device) {
        return Objects.requireNonNull(provider.apply(BOTH).get(device.id()));
    }

    @Test
    void a_creation_is_one_post_with_the_raw_key_and_an_encoded_customer_id() {
        BunceEcho.on(bunce);

        provider.apply(BOTH);

        bunce.verify(
                1,
                postRequestedFor(urlEqualTo("/v1/customers/auth0%7C5f7c+x@y/devices"))
                        .withHeader("X-Authorization", equalTo("sk_test_adapter"))
                        .withHeader("Content-Type", equalTo("application/json"))
                        .withRequestBody(equalToJson("""
                                {"devices":[{"device_type":"android","device_token":"874jwejfoiowef5974594"},
                                            {"device_type":"ios","device_token":"112bbwe348u9839845945675464"}]}""")));
    }

    @Test
    void a_change_is_a_patch_by_the_token_that_bunce_knows() {
        BunceEcho.on(bunce);

        provider.apply(
                new ProviderCall.Update(IOS, new Holding("r", new DeviceType("android"), new DeviceToken("old"))));

        bunce.verify(
                1,
                patchRequestedFor(urlEqualTo("/v1/customers/auth0%7C5f7c+x@y/devices"))
                        .withHeader("X-Authorization", equalTo("sk_test_adapter"))
                        .withRequestBody(equalToJson("""
                        {"current_device_token":"old","device_type":"ios",
                         "device_token":"112bbwe348u9839845945675464"}""")));
    }

    @Test
    void a_retired_device_becomes_a_tombstone_of_its_own() {
        BunceEcho.on(bunce);

        Outcome outcome = provider.apply(
                        new ProviderCall.Retire(Examples.transferredAway(ANDROID, Instant.EPOCH), ANDROID.token()))
                .get(ANDROID.id());

        assertThat(outcome).isInstanceOf(Outcome.Accepted.class);
        bunce.verify(1, patchRequestedFor(anyUrl()).withRequestBody(equalToJson("""
                {"current_device_token":"874jwejfoiowef5974594","device_type":"android",
                 "device_token":"retired:%s"}""".formatted(ANDROID.id()))));
    }

    @Test
    void a_refused_tombstone_means_that_bunce_cannot_be_told() {
        answers(422, "{\"success\":false,\"message\":\"device_token is malformed\"}");

        assertThat(provider.apply(
                        new ProviderCall.Retire(Examples.transferredAway(ANDROID, Instant.EPOCH), ANDROID.token())))
                .containsEntry(ANDROID.id(), new Outcome.Unsupported("HTTP 422: device_token is malformed"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // the founding document
                "{\"devices\":[%s,%s]}",
                // the introduction page, and its older edition
                "{\"success\":true,\"message\":\"ok\",\"data\":[%s,%s]}",
                "{\"status\":true,\"message\":\"ok\",\"data\":[%s,%s]}",
                // not documented
                "[%s,%s]"
            })
    void every_known_shape_of_a_success_is_read(String shape) {
        answers(
                201,
                shape.formatted(
                        // in the other order: what counts is the token
                        "{\"device_id\":\"018c\",\"device_type\":\"ios\",\"device_token\":\"112bbwe348u9839845945675464\"}",
                        "{\"device_id\":\"1710dd8fe631-018c7737\",\"device_type\":\"android\",\"token\":\"874jwejfoiowef5974594\",\"created_at\":\"x\"}"));

        assertThat(provider.apply(BOTH))
                .containsEntry(ANDROID.id(), new Outcome.Accepted("1710dd8fe631-018c7737"))
                .containsEntry(IOS.id(), new Outcome.Accepted("018c"));
    }

    @Test
    void a_device_that_the_answer_lacks_is_unconfirmed_alone() {
        answers(201, "{\"devices\":[{\"device_id\":\"1\",\"device_token\":\"874jwejfoiowef5974594\"}]}");

        var outcomes = provider.apply(BOTH);

        assertThat(outcomes.get(ANDROID.id())).isEqualTo(new Outcome.Accepted("1"));
        assertThat(outcomes.get(IOS.id())).isInstanceOf(Outcome.Unconfirmed.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"success", "status"})
    void a_success_that_says_no_is_a_refusal(String member) {
        answers(200, "{\"" + member + "\":false,\"message\":\"no app\"}");

        assertThat(created(IOS)).isEqualTo(new Outcome.Rejected("HTTP 200: no app"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"false", "{\"success\":true,\"message\":\"\",\"data\":false}"})
    void a_change_that_is_answered_with_false_is_a_refusal(String body) {
        answers(200, body);

        assertThat(provider.apply(new ProviderCall.Update(
                        IOS, new Holding("r", new DeviceType("android"), new DeviceToken("old")))))
                .containsEntry(IOS.id(), new Outcome.Rejected("HTTP 200: Bunce said false"));
    }

    @Test
    void an_answer_of_more_than_a_megabyte_is_unreadable() {
        answers(201, "{\"devices\":[]," + " ".repeat(1024 * 1024) + "\"more\":1}");

        assertThat(created(IOS)).isInstanceOf(Outcome.Unconfirmed.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"999999999", "Fri, 31 Dec 9999 23:59:59 GMT"})
    void no_pause_is_longer_than_an_hour(String retryAfter) {
        bunce.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(429).withHeader("Retry-After", retryAfter)));

        assertThat(created(IOS)).isEqualTo(new Outcome.Throttled(Duration.ofHours(1), "HTTP 429: too many requests"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"<html>404</html>", "", "{\"error\":\"Not Found\"}"})
    void a_404_that_is_not_bunces_is_a_wrong_address_and_not_an_unknown_customer(String body) {
        answers(404, body);

        assertThat(created(IOS)).isInstanceOf(Outcome.Unexpected.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 409, 413, 422})
    void a_refusal_without_json_is_not_bunces(int status) {
        answers(status, "<html>The plain HTTP request was sent to HTTPS port</html>");

        assertThat(created(IOS)).isInstanceOf(Outcome.Unexpected.class);
    }

    @Test
    void forbidden_is_no_word_about_the_key() {
        answers(403, "<html>blocked</html>");

        assertThat(created(IOS)).isInstanceOf(Outcome.Unexpected.class);
    }

    private Listing listing() {
        return ((ListsDevices) provider).devicesOf(CUSTOMER);
    }

    @Test
    void what_bunce_holds_is_asked_with_one_get() {
        answers(200, "{\"devices\":[]}");

        assertThat(listing()).isEqualTo(new Listing.Complete(List.of()));

        bunce.verify(
                1,
                getRequestedFor(urlEqualTo("/v1/customers/auth0%7C5f7c+x@y/devices"))
                        .withHeader("X-Authorization", equalTo("sk_test_adapter")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"devices\":[{\"device_id\":\"r\",\"device_type\":\"iOS\",\"device_token\":\"t\"}]}",
                "{\"success\":true,\"message\":\"\",\"data\":[{\"device_id\":\"r\",\"device_type\":\"ios\",\"token\":\"t\"}]}",
                "[{\"device_id\":\"r\",\"device_type\":\"ios\",\"device_token\":\"t\",\"more\":1}]",
                "[{\"device_id\":\"r\",\"device_type\":\"ios\",\"device_token\":\"t\"},{\"device_id\":\"s\"},{\"device_token\":\" \"},7]"
            })
    void the_list_may_have_any_known_shape_and_what_names_no_token_is_passed_over(String body) {
        answers(200, body);

        assertThat(listing())
                .isEqualTo(new Listing.Complete(
                        List.of(new RemoteDevice("r", new DeviceType("ios"), new DeviceToken("t")))));
    }

    @Test
    void a_tombstone_is_no_device() {
        answers(200, "[{\"device_token\":\"retired:" + ANDROID.id() + "\",\"device_type\":\"ios\"}]");

        assertThat(listing()).isEqualTo(new Listing.Complete(List.of()));
    }

    @Test
    void neither_id_nor_type_need_be_told() {
        answers(200, "[{\"device_token\":\"t\",\"device_type\":\"a type of its own\"}]");

        assertThat(listing())
                .isEqualTo(new Listing.Complete(List.of(new RemoteDevice(null, null, new DeviceToken("t")))));
    }

    @ParameterizedTest
    @ValueSource(ints = {404, 405})
    void a_bunce_without_that_call_cannot_be_asked(int status) {
        answers(status, "{\"success\":false,\"message\":\"Not found\"}");

        assertThat(listing()).isEqualTo(new Listing.NotOffered());
    }

    @Test
    void a_part_of_the_list_is_not_taken_for_all() {
        answers(200, "{\"data\":[],\"meta\":{\"has_next_page\":true}}");

        assertThat(listing()).isEqualTo(new Listing.NotOffered());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "200 | {} | Unconfirmed",
                "200 | nonsense | Unconfirmed",
                "200 | {\"success\":false,\"message\":\"no\"} | Rejected",
                "401 | {} | Unauthorized",
                "429 | {} | Throttled",
                "503 | {} | Unconfirmed",
                "302 | {} | Unexpected"
            })
    void what_is_no_list_is_not_taken_for_an_empty_one(int status, String body, String outcome) {
        answers(status, body);

        assertThat(listing())
                .isInstanceOfSatisfying(
                        Listing.Failed.class,
                        failed -> assertThat(failed.failure().getClass().getSimpleName())
                                .isEqualTo(outcome));
    }

    private static final Profile PROFILE = new Profile("jo@example.com", "Jo", "Doe", "+49301");

    private CreatesCustomers customers() {
        return (CreatesCustomers) provider;
    }

    @Test
    void a_customer_is_created_with_all_that_bunce_asks_for() {
        answers(201, "{\"success\":true,\"message\":\"created\"}");

        assertThat(customers().createCustomer(CUSTOMER, PROFILE)).isEqualTo(new Outcome.Accepted(null));

        bunce.verify(
                1,
                postRequestedFor(urlEqualTo("/v1/customers"))
                        .withHeader("X-Authorization", equalTo("sk_test_adapter"))
                        .withRequestBody(equalToJson("""
                                {"customer_id":"auth0|5f7c+x@y","email":"jo@example.com","first_name":"Jo",
                                 "last_name":"Doe","phone_no":"+49301"}""")));
    }

    @Test
    void a_customer_who_is_there_already_is_as_good_as_created() {
        answers(409, "{\"success\":false,\"message\":\"exists\"}");

        assertThat(customers().createCustomer(CUSTOMER, PROFILE)).isEqualTo(new Outcome.Accepted(null));
    }

    @Test
    void a_customer_may_be_refused() {
        answers(422, "{\"success\":false,\"message\":\"bad phone\"}");

        assertThat(customers().createCustomer(CUSTOMER, PROFILE))
                .isEqualTo(new Outcome.Rejected("HTTP 422: bad phone"));
    }

    @Test
    void a_profile_is_enough_with_every_part_only() {
        assertThat(customers().isEnough(PROFILE)).isTrue();
        assertThat(customers().isEnough(new Profile(null, "Jo", "Doe", "+49301")))
                .isFalse();
        assertThat(customers().isEnough(new Profile("jo@example.com", null, "Doe", "+49301")))
                .isFalse();
        assertThat(customers().isEnough(new Profile("jo@example.com", "Jo", null, "+49301")))
                .isFalse();
        assertThat(customers().isEnough(new Profile("jo@example.com", "Jo", "Doe", null)))
                .isFalse();
    }

    @Test
    void a_redirect_is_not_followed() {
        bunce.stubFor(any(anyUrl())
                .willReturn(aResponse().withStatus(307).withHeader("Location", bunce.baseUrl() + "/elsewhere")));

        assertThat(created(IOS)).isInstanceOf(Outcome.Unexpected.class);
        assertThat(bunce.getAllServeEvents()).hasSize(1);
    }

    @Test
    void a_pause_may_be_given_as_a_date() {
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                ZonedDateTime.now(ZoneOffset.UTC).plusMinutes(5));
        bunce.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(429).withHeader("Retry-After", date)));

        assertThat(created(IOS))
                .asInstanceOf(InstanceOfAssertFactories.type(Outcome.Throttled.class))
                .satisfies(throttled ->
                        assertThat(throttled.retryAfter()).isBetween(Duration.ofMinutes(4), Duration.ofMinutes(5)));
    }

    @Test
    void a_pause_given_as_a_date_is_measured_by_the_clock_that_set_it() {
        bunce.stubFor(any(anyUrl())
                .willReturn(aResponse()
                        .withStatus(429)
                        .withHeader("Date", "Wed, 21 Oct 2015 07:28:00 GMT")
                        .withHeader("Retry-After", "Wed, 21 Oct 2015 07:28:02 GMT")));

        assertThat(created(IOS))
                .asInstanceOf(InstanceOfAssertFactories.type(Outcome.Throttled.class))
                .satisfies(throttled -> assertThat(throttled.retryAfter()).isEqualTo(Duration.ofSeconds(2)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"soon", "-3", "99999999999999999999"})
    void an_unreadable_pause_is_the_documented_minute(String retryAfter) {
        bunce.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(429).withHeader("Retry-After", retryAfter)));

        assertThat(created(IOS))
                .asInstanceOf(InstanceOfAssertFactories.type(Outcome.Throttled.class))
                .satisfies(throttled -> assertThat(throttled.retryAfter()).isEqualTo(Duration.ofMinutes(1)));
    }

    @ParameterizedTest
    @CsvSource({
        "registry.bunce.base-url, http://localhost, must be an http or https address that ends in /v1",
        "registry.bunce.base-url, ftp://localhost/v1, must be an http or https address that ends in /v1",
        "registry.bunce.base-url, http:/v1, must be an http or https address that ends in /v1",
        "registry.bunce.base-url, http://bunce.example.com/v1, must be an https address",
        "registry.bunce.devices-per-request, 0, must be at least 1",
        "registry.bunce.requests-per-minute, -1, must be 0 or more"
    })
    void a_setting_that_makes_no_sense_is_refused_by_the_name_of_its_key(String key, String value, String words) {
        Map<String, String> settings = new HashMap<>(
                Map.of("registry.bunce.base-url", "https://bunce.example.com/v1", "registry.bunce.api-key", "sk_test"));
        assertThat(provider(settings).maxDevicesPerCall()).isEqualTo(50);

        settings.put(key, value);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> provider(settings))
                .withMessageStartingWith(key + " " + words);
    }

    private BunceProvider provider(Map<String, String> settings) {
        BunceConfig config = new SmallRyeConfigBuilder()
                .withMapping(BunceConfig.class)
                .withSources(new PropertiesConfigSource(settings, "settings of this test", 100))
                .build()
                .getConfigMapping(BunceConfig.class);
        return new BunceProvider(api, config, 1, 1);
    }
}
