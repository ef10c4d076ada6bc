package io.deviceregistry.adapter.in.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.deviceregistry.adapter.in.rest.BatchJson.ItemCode;
import io.deviceregistry.adapter.in.rest.BatchJson.ItemStatus;
import io.deviceregistry.adapter.in.rest.BatchJson.Result;
import io.deviceregistry.application.port.in.AnswerOnce;
import io.deviceregistry.application.port.in.RegisterDevices;
import io.deviceregistry.application.port.out.Answer;
import io.deviceregistry.application.port.out.IdempotentRequest;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.DeviceTypes;
import io.deviceregistry.domain.Registration;
import io.quarkus.security.runtime.QuarkusPrincipal;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.SecurityContext;
import jakarta.ws.rs.core.UriInfo;
import java.io.ByteArrayInputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A batch goes to the registry in steps. */
class BatchResourceTest {
    private static final int STEP = RegisterDevices.MAX_ITEMS;

    private final List<List<RegisterDevices.Item>> steps = new ArrayList<>();
    private int stepsUntilTheStoreIsGone = Integer.MAX_VALUE;

    private final BatchResource batch = new BatchResource(
            new Registry(),
            new DeviceReader(new DeviceTypes(List.of(new DeviceType("ios")))),
            new IdempotentAnswers(
                    silent(AnswerOnce.class),
                    new ObjectMapper(),
                    silent(HttpServerRequest.class),
                    silent(UriInfo.class),
                    silent(SecurityContext.class)),
            new CurrentCaller(QuarkusSecurityIdentity.builder()
                    .setPrincipal(new QuarkusPrincipal("somebody"))
                    .build()));

    /** Takes all items as new devices. */
    private final class Registry implements RegisterDevices {
        @Override
        public List<Registration> register(Caller by, CustomerId customer, List<DeviceRegistration> devices) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Answer registerOnce(
                Caller by,
                CustomerId customer,
                List<DeviceRegistration> devices,
                IdempotentRequest request,
                Function<List<Registration>, String> answer) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<ItemResult> registerEach(Caller by, List<Item> items) {
            steps.add(items);
            if (steps.size() > stepsUntilTheStoreIsGone) {
                throw new StoreUnavailableException(new TimeoutException());
            }
            return items.stream()
                    .<ItemResult>map(item -> new ItemResult.Registered(new Registration(
                            Device.registered(
                                    new DeviceId(UUID.randomUUID()), item.customer(), item.device(), Instant.EPOCH),
                            Registration.Outcome.CREATED)))
                    .toList();
        }
    }

    /** What has nothing to say: no header, above all no key. */
    private static <T> T silent(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (_, _, _) -> null));
    }

    private Response register(int items, IntFunction<String> item) {
        String body = IntStream.range(0, items).mapToObj(item).collect(Collectors.joining(",", "{\"items\":[", "]}"));
        return batch.register(new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)));
    }

    private static String item(String token, String moreMembers) {
        return "{\"customer_id\":\"c\",\"device_type\":\"ios\",\"device_token\":\"%s\"%s}"
                .formatted(token, moreMembers);
    }

    private static List<Result> results(Response answer) {
        return ((BatchJson.Results) answer.getEntity()).results();
    }

    @Test
    void what_was_stored_before_the_store_was_gone_is_told_and_the_rest_is_to_be_repeated() {
        stepsUntilTheStoreIsGone = 1;

        Response answer = register(STEP * 2 + 1, i -> i == STEP + 1 ? "7" : item("t" + i, ""));

        assertThat(answer.getStatus()).isEqualTo(207);
        assertThat(results(answer))
                .extracting(Result::index)
                .isEqualTo(IntStream.rangeClosed(0, STEP * 2).boxed().toList());
        assertThat(results(answer).subList(0, STEP))
                .allSatisfy(result -> assertThat(result.status()).isEqualTo(ItemStatus.created))
                .allSatisfy(result -> assertThat(result.deviceId()).isNotNull());
        assertThat(results(answer).subList(STEP, STEP * 2 + 1))
                .extracting(Result::status, Result::code, Result::deviceId)
                .containsOnly(tuple(ItemStatus.error, ItemCode.STORE_UNAVAILABLE, null));
        assertThat(steps).hasSize(2);
    }

    @Test
    void a_batch_of_which_nothing_was_stored_fails_as_a_whole() {
        stepsUntilTheStoreIsGone = 0;

        assertThatExceptionOfType(StoreUnavailableException.class)
                .isThrownBy(() -> register(STEP + 1, i -> item("t" + i, "")));
    }

    @Test
    void of_a_token_given_several_times_the_last_metadata_and_the_newest_time_win_in_all_steps() {
        register(STEP + 1, i -> switch (i) {
            case 0 -> item("t", ",\"observed_at\":\"2026-03-01T12:00:00Z\"");
            case STEP -> item("t", ",\"observed_at\":\"2026-02-01T12:00:00Z\",\"metadata\":{\"locale\":\"fr\"}");
            default -> item("t" + i, "");
        });

        DeviceRegistration merged = steps.getFirst().getFirst().device();
        assertThat(merged.observed().at()).isEqualTo("2026-03-01T12:00:00Z");
        assertThat(merged.metadata()).isNotNull().returns("fr", metadata -> metadata.locale());
        assertThat(steps.getLast()).extracting(RegisterDevices.Item::device).containsExactly(merged);
    }
}
