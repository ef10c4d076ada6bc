package io.deviceregistry.adapter.out.bunce;

import static java.util.Objects.requireNonNull;

import io.deviceregistry.adapter.out.bunce.BunceApi.DeviceChange;
import io.deviceregistry.adapter.out.bunce.BunceApi.NewCustomer;
import io.deviceregistry.adapter.out.bunce.BunceApi.NewDevice;
import io.deviceregistry.adapter.out.bunce.BunceApi.NewDevices;
import io.deviceregistry.application.port.out.CreatesCustomers;
import io.deviceregistry.application.port.out.DeviceProvider;
import io.deviceregistry.application.port.out.Holding;
import io.deviceregistry.application.port.out.ListsDevices;
import io.deviceregistry.application.port.out.Outcome;
import io.deviceregistry.application.port.out.ProviderCall;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.Profile;
import io.deviceregistry.domain.ProviderId;
import io.opentelemetry.context.Context;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.ProcessingException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.rest.client.inject.RestClient;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/**
 * Bunce as a provider: {@code POST} creates, {@code PATCH} by the token Bunce knows changes and retires, {@code GET}, which
 * not every Bunce may have, tells what it holds.
 */
@ApplicationScoped
class BunceProvider implements DeviceProvider, ListsDevices, CreatesCustomers {
    private static final ProviderId ID = new ProviderId("bunce");

    /** By its spelling, not by what a name server says at the moment. */
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]");

    private final BunceApi api;
    private final BunceConfig config;
    private final InstantSource clock = InstantSource.system();
    private final Duration callDeadline;
    /** With the trace of whoever calls, if there is one. */
    private final ExecutorService calls = Context.taskWrapping(Executors.newVirtualThreadPerTaskExecutor());

    /** @throws IllegalArgumentException naming the key of a setting that makes no sense */
    BunceProvider(
            @RestClient BunceApi api,
            BunceConfig config,
            @ConfigProperty(name = "quarkus.rest-client.bunce.connect-timeout") long connectTimeoutMillis,
            @ConfigProperty(name = "quarkus.rest-client.bunce.read-timeout") long readTimeoutMillis) {
        this.api = api;
        this.config = config;
        this.callDeadline = Duration.ofMillis(connectTimeoutMillis + readTimeoutMillis);
        require(config.devicesPerRequest() >= 1, "registry.bunce.devices-per-request must be at least 1");
        require(config.requestsPerMinute() >= 0, "registry.bunce.requests-per-minute must be 0 or more");
        URI baseUrl = config.baseUrl();
        require(
                ("http".equals(baseUrl.getScheme()) || "https".equals(baseUrl.getScheme()))
                        && baseUrl.getHost() != null
                        && baseUrl.getPath().endsWith("/v1"),
                "registry.bunce.base-url must be an http or https address that ends in /v1");
        require(
                "https".equals(baseUrl.getScheme())
                        || LOOPBACK.matcher(baseUrl.getHost()).matches(),
                "registry.bunce.base-url must be an https address, unless it is one of this machine's own: keys and "
                        + "tokens would cross the network in the open");
    }

    private static void require(boolean condition, String sentence) {
        if (!condition) {
            throw new IllegalArgumentException(sentence);
        }
    }

    @Override
    public ProviderId id() {
        return ID;
    }

    @Override
    public boolean supports(DeviceType type) {
        return config.takes(type);
    }

    @Override
    public int requestsPerMinute() {
        return config.requestsPerMinute();
    }

    @Override
    public int maxDevicesPerCall() {
        return config.devicesPerRequest();
    }

    @Override
    public Duration callDeadline() {
        return callDeadline;
    }

    @Override
    public Map<DeviceId, Outcome> apply(ProviderCall call) {
        return switch (call) {
            case ProviderCall.Create create -> create(create);
            case ProviderCall.Update(Device device, Holding held) ->
                Map.of(device.id(), change(device, held.token(), device.token().value()));
            case ProviderCall.Retire(Device device, DeviceToken heldToken) ->
                Map.of(device.id(), retire(device, heldToken));
        };
    }

    @Override
    public Listing devicesOf(CustomerId customer) {
        return switch (send(() -> api.devices(config.apiKey(), customer.value()))) {
            case Reply.Success(BunceAnswer answer) -> answer.listing();
            case Reply.Failure(Outcome.Failure _, BunceAnswer answer)
            when answer != null && answer.isNotOffered() -> new Listing.NotOffered();
            case Reply.Failure(Outcome.Failure failure, var _) -> new Listing.Failed(failure);
        };
    }

    /** Bunce's page calls every member required. */
    @Override
    public boolean isEnough(Profile profile) {
        return Stream.of(profile.email(), profile.firstName(), profile.lastName(), profile.phoneNumber())
                .allMatch(Objects::nonNull);
    }

    @Override
    public Outcome createCustomer(CustomerId customer, Profile profile) {
        NewCustomer created = new NewCustomer(
                customer.value(),
                requireNonNull(profile.email()),
                requireNonNull(profile.firstName()),
                requireNonNull(profile.lastName()),
                requireNonNull(profile.phoneNumber()));
        return switch (send(() -> api.createCustomer(config.apiKey(), created))) {
            case Reply.Success _ -> new Outcome.Accepted(null);
            case Reply.Failure(Outcome.Failure _, BunceAnswer answer)
            when answer != null && answer.isConflict() -> new Outcome.Accepted(null);
            case Reply.Failure(Outcome.Failure failure, var _) -> failure;
        };
    }

    private Map<DeviceId, Outcome> create(ProviderCall.Create create) {
        List<NewDevice> devices = create.added().stream()
                .map(device ->
                        new NewDevice(device.type().value(), device.token().value()))
                .toList();
        return switch (send(
                () -> api.createDevices(config.apiKey(), create.customer().value(), new NewDevices(devices)))) {
            case Reply.Success(BunceAnswer answer) ->
                create.added().stream().collect(Collectors.toMap(Device::id, device -> answer.created(device.token())));
            case Reply.Failure(Outcome.Failure outcome, var _) ->
                create.added().stream().collect(Collectors.toMap(Device::id, _ -> outcome));
        };
    }

    private Outcome change(Device device, DeviceToken known, String newToken) {
        DeviceChange change = new DeviceChange(known.value(), device.type().value(), newToken);
        return switch (send(
                () -> api.changeDevice(config.apiKey(), device.customer().value(), change))) {
            // Bunce answers with true or with a device; neither is documented to bring a new id.
            case Reply.Success _ -> new Outcome.Accepted(null);
            case Reply.Failure(Outcome.Failure outcome, var _) -> outcome;
        };
    }

    private Outcome retire(Device device, DeviceToken known) {
        return switch (config.retire()) {
            case UNSUPPORTED ->
                new Outcome.Unsupported(
                        "Bunce has no call that deletes a device, and registry.bunce.retire is unsupported");
            case TOMBSTONE ->
                switch (change(device, known, Tombstone.of(device.id()))) {
                    // Bunce may check the form of tokens, in which case there is no way to tell it.
                    case Outcome.Rejected(String words) -> new Outcome.Unsupported(words);
                    case Outcome outcome -> outcome;
                };
        };
    }

    /** What came of a request: an answer that tells of each device, or one outcome for all of them. */
    private sealed interface Reply {
        record Success(BunceAnswer answer) implements Reply {}

        /** @param answer null if there was none */
        record Failure(Outcome.Failure outcome, @Nullable BunceAnswer answer) implements Reply {
            Failure(Outcome.Failure outcome) {
                this(outcome, null);
            }
        }
    }

    /** The client's timeouts are for each part of an answer; this one is for the whole. */
    private Reply send(Supplier<RestResponse<InputStream>> request) {
        Future<Reply> reply = calls.submit(() -> exchange(request));
        try {
            return reply.get(callDeadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return new Reply.Failure(new Outcome.Unconfirmed("No complete answer within " + callDeadline));
        } catch (ExecutionException e) {
            return new Reply.Failure(new Outcome.Unconfirmed("The HTTP client failed"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Reply.Failure(new Outcome.Unconfirmed("Interrupted"));
        } finally {
            reply.cancel(true);
        }
    }

    private Reply exchange(Supplier<RestResponse<InputStream>> request) {
        try (Response response = answered(request)) {
            BunceAnswer answer = BunceAnswer.of(response, config.apiKey());
            Optional<Outcome.Failure> failure = answer.failure(clock);
            return failure.isPresent() ? new Reply.Failure(failure.get(), answer) : new Reply.Success(answer);
        } catch (ProcessingException | IllegalStateException | IOException e) {
            return new Reply.Failure(ofException(e));
        }
    }

    /** The client throws for a status of 400 and more, which is an answer like any other here. */
    private static Response answered(Supplier<RestResponse<InputStream>> request) {
        try {
            return request.get().toResponse();
        } catch (WebApplicationException e) {
            return e.getResponse();
        }
    }

    @PreDestroy
    void close() {
        calls.shutdownNow();
    }

    /** Only what failed before a byte of the request could leave is known to have had no effect. */
    private static Outcome.Failure ofException(Exception e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException
                    || cause instanceof UnknownHostException
                    || cause instanceof NoRouteToHostException
                    || cause instanceof SSLHandshakeException) {
                // Names no more than the address, which is configuration.
                return new Outcome.NotApplied(String.valueOf(cause.getMessage()));
            }
        }
        return new Outcome.Unconfirmed(e.getClass().getSimpleName());
    }
}
