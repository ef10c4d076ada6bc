package io.deviceregistry.bootstrap.e2e;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Callers who register, rotate, transfer and remove, and remember what they were acknowledged. Each has customers of its
 * own, and repeats a request at any replica until it is answered.
 *
 * <p>A request whose answer did not come may still be carried out later, by a replica that was frozen. So a device is
 * left alone once a request about it had to be repeated: carried out late, none of them undoes a later one.
 */
final class Load {
    private static final Duration LONGEST_ANSWER = Duration.ofSeconds(4);
    private static final Duration PAUSE = Duration.ofMillis(100);
    /** For how long callers wait for the rest to be synced: a provider may be out of reach for good. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    private static final Duration LONGEST_END = Duration.ofMinutes(5);
    /** Of a caller's customers, the last so many get further devices. */
    private static final int RECENT = 20;

    private final Supplier<List<URI>> replicas;
    private final BooleanSupplier enough;
    private final Semaphore permits = new Semaphore(0);
    private final List<Caller> callers;
    private final List<Thread> threads = new ArrayList<>();
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private final AtomicLong allowed = new AtomicLong();
    private final AtomicLong registered = new AtomicLong();
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong repeated = new AtomicLong();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    private volatile boolean ending;

    /**
     * @param replicas those that run
     * @param enough whether callers shall wait, because so much is not synced yet
     */
    Load(Supplier<List<URI>> replicas, BooleanSupplier enough, int callers, long seed) {
        this.replicas = replicas;
        this.enough = enough;
        this.callers = IntStream.range(0, callers)
                .mapToObj(number -> new Caller(number, new Random(seed + number)))
                .toList();
    }

    void start() {
        callers.forEach(caller -> threads.add(Thread.ofVirtual().start(caller)));
    }

    /** Allows so many more devices to be registered. */
    void allow(int devices) {
        allowed.addAndGet(devices);
        permits.release(devices);
    }

    /** Devices that may be registered, or have been; transfers come besides. */
    long allowed() {
        return allowed.get();
    }

    /** Returns when all that was allowed has been acknowledged, or takes too long. */
    void finish() throws InterruptedException {
        ending = true;
        long patience = System.nanoTime() + LONGEST_END.toNanos();
        for (Thread thread : threads) {
            while (!thread.join(PAUSE)) {
                if (System.nanoTime() > patience) {
                    permits.drainPermits();
                }
            }
        }
    }

    /** Once it is finished. */
    List<KnownDevice> known() {
        return callers.stream().flatMap(caller -> caller.known.stream()).toList();
    }

    /** Answers that no client should get. */
    List<String> faults() {
        return List.copyOf(faults);
    }

    /** Devices whose registration was acknowledged so far, transfers included. */
    long registered() {
        return registered.get();
    }

    /** Requests that were acknowledged so far. */
    long acknowledged() {
        return acknowledged.get();
    }

    /** Returns when nothing was acknowledged for so long. */
    void awaitSilence(Duration silence, Duration patience) {
        AtomicLong before = new AtomicLong();
        await().atMost(patience).during(silence).until(() -> {
            long now = acknowledged();
            return before.getAndSet(now) == now;
        });
    }

    /** Requests that were sent again, because no answer came or one that says to try again. */
    long repeated() {
        return repeated.get();
    }

    private final class Caller implements Runnable {
        private final int number;
        private final Random random;
        private final List<KnownDevice> known = new ArrayList<>();
        /** Those that are active and of which no request had to be repeated. */
        private final List<KnownDevice> certain = new ArrayList<>();

        private int customers;
        private int transfers;
        private int tokens;
        private boolean sure;

        Caller(int number, Random random) {
            this.number = number;
            this.random = random;
        }

        @Override
        public void run() {
            try {
                while (true) {
                    int devices = random.nextInt(5) == 0 ? 3 : 1;
                    if (!permits.tryAcquire(devices, PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
                        if (ending) {
                            return;
                        }
                        continue;
                    }
                    long patience = System.nanoTime() + LONGEST_WAIT.toNanos();
                    while (enough.getAsBoolean() && System.nanoTime() < patience) {
                        Thread.sleep(PAUSE);
                    }
                    int before = customers;
                    String customer = customer();
                    boolean isNew = customers > before;
                    // Bunce takes devices only of customers whom it was told of, with what is known of them.
                    boolean described = isNew && random.nextBoolean();
                    if (described) {
                        describe(customer);
                    }
                    register(
                            customer,
                            IntStream.range(0, devices)
                                    .mapToObj(_ -> newToken())
                                    .toList());
                    if (isNew && !described) {
                        describe(customer);
                    }
                    if (certain.size() > RECENT && random.nextInt(10) < 4) {
                        change(certain.remove(random.nextInt(certain.size())));
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void change(KnownDevice device) throws InterruptedException {
            switch (random.nextInt(3)) {
                case 0 -> rotate(device);
                case 1 -> {
                    // To somebody who never had it: who had it comes back with the same device.
                    String next = "x-%d-%d".formatted(number, ++transfers);
                    register(next, List.of(device.token()));
                    describe(next);
                    device.end();
                }
                default -> {
                    call(
                            "POST",
                            device.customer(),
                            "/devices:remove",
                            "{\"device_token\":\"%s\"}".formatted(device.token()));
                    device.end();
                }
            }
        }

        private void rotate(KnownDevice device) throws InterruptedException {
            String token = newToken();
            call("PATCH", device.customer(), "/devices", """
                    {"current_device_token":"%s","device_token":"%s","device_type":"ios"}""".formatted(device.token(), token));
            device.rotate(token);
            if (sure) {
                certain.add(device);
            }
        }

        private void register(String customer, List<String> tokens) throws InterruptedException {
            String body = tokens.stream()
                    .map("{\"device_type\":\"ios\",\"device_token\":\"%s\"}"::formatted)
                    .collect(Collectors.joining(",", "{\"devices\":[", "]}"));
            JsonNode devices = call("POST", customer, "/devices", body).path("devices");
            for (int i = 0; i < tokens.size(); i++) {
                KnownDevice device =
                        new KnownDevice(devices.path(i).path("device_id").asText(), customer, tokens.get(i));
                known.add(device);
                registered.incrementAndGet();
                if (sure) {
                    certain.add(device);
                }
            }
        }

        private void describe(String customer) throws InterruptedException {
            call("PUT", customer, "", """
                    {"email":"%s@example.com","first_name":"Some","last_name":"Body","phone_no":"+49301234567"}""".formatted(customer));
        }

        private String customer() {
            boolean another = customers == 0 || random.nextBoolean();
            int customer = another ? ++customers : Math.max(1, customers - random.nextInt(RECENT));
            return "c-%d-%d".formatted(number, customer);
        }

        private String newToken() {
            return "t-%d-%d".formatted(number, ++tokens);
        }

        /** Returns when it is acknowledged; {@link #sure} tells whether it was so at once. */
        private JsonNode call(String method, String customer, String path, String body) throws InterruptedException {
            sure = true;
            while (true) {
                List<URI> running = replicas.get();
                if (!running.isEmpty()) {
                    URI replica = running.get(random.nextInt(running.size()));
                    try {
                        HttpResponse<String> answer = http.send(
                                HttpRequest.newBuilder(URI.create(replica + "/v1/customers/" + customer + path))
                                        .header("X-Authorization", Deployment.API_KEY)
                                        .header("Content-Type", "application/json")
                                        .timeout(LONGEST_ANSWER)
                                        .method(method, BodyPublishers.ofString(body))
                                        .build(),
                                BodyHandlers.ofString());
                        if (answer.statusCode() < 300) {
                            acknowledged.incrementAndGet();
                            return Deployment.json(answer.body().isEmpty() ? "{}" : answer.body());
                        }
                        if (answer.statusCode() < 500) {
                            faults.add("%s /v1/customers/%s%s: %d %s"
                                    .formatted(method, customer, path, answer.statusCode(), answer.body()));
                        }
                        sure = false;
                    } catch (ConnectException notSent) {
                        // Nobody can carry it out.
                    } catch (IOException noAnswer) {
                        sure = false;
                    }
                    repeated.incrementAndGet();
                }
                Thread.sleep(PAUSE);
            }
        }
    }
}
