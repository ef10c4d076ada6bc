package io.deviceregistry.sandbox.bunce;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class RequestLogTest {

    @Test
    void givenMoreRequestsThanItHolds_whenListed_thenTheOldestAreGone() {
        RequestLog log = new RequestLog(2, 1_000);

        log.add(request("a"));
        log.add(request("b"));
        log.add(request("c"));

        assertThat(log.list()).extracting(RecordedRequest::body).containsExactly("b", "c");
    }

    @Test
    void givenBodiesLargerThanItHolds_whenListed_thenTheOldestAreGoneButTheNewestStays() {
        RequestLog log = new RequestLog(10, 4);

        log.add(request("aa"));
        log.add(request("bb"));
        log.add(request("c"));
        assertThat(log.list()).extracting(RecordedRequest::body).containsExactly("bb", "c");

        log.add(request("much too long"));
        assertThat(log.list()).extracting(RecordedRequest::body).containsExactly("much too long");
    }

    private static RecordedRequest request(String body) {
        return new RecordedRequest(Instant.EPOCH, Instant.EPOCH, "POST", "/", true, body, 200, null);
    }
}
