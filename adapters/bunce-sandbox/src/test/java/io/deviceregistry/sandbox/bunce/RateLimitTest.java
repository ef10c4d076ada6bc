package io.deviceregistry.sandbox.bunce;

import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.sandbox.bunce.Caller.Reply;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RateLimitTest extends SandboxTest {

    @Test
    void givenTheNormalLimit_when501CallsComeInAMinute_thenTheLastIsTurnedAway() {
        for (int i = 0; i < 500; i++) {
            assertThat(bunce.get("/v1/customers").status()).isEqualTo(200);
        }

        Reply reply = bunce.get("/v1/customers");

        assertThat(reply.status()).isEqualTo(429);
        assertThat(reply.header("Retry-After")).isEqualTo("60");
        assertThat(reply.json().toString())
                .isEqualTo("{\"success\":false,\"message\":\"You have reached maximum request limit.\"}");
        assertThat(sandbox.requests().getLast().status()).isEqualTo(429);
    }

    @Test
    void givenABlockedAddress_whenTimePasses_thenItIsLetInAfterSixtySecondsAndNotBefore() {
        sandbox.behave(Behaviour.normal().withRequestsPerMinute(1));
        bunce.get("/v1/customers");
        advance(Duration.ofSeconds(59));
        assertThat(bunce.get("/v1/customers").status()).isEqualTo(429);

        advance(Duration.ofMillis(59_500));
        Reply tooEarly = bunce.get("/v1/customers");
        assertThat(tooEarly.status()).isEqualTo(429);
        assertThat(tooEarly.header("Retry-After")).isEqualTo("1");

        advance(Duration.ofMillis(500));
        assertThat(bunce.get("/v1/customers").status()).isEqualTo(200);
    }

    @Test
    void givenCallsSpreadOverTime_whenTheOldestIsAMinuteOld_thenItNoLongerCounts() {
        sandbox.behave(Behaviour.normal().withRequestsPerMinute(2));
        bunce.get("/v1/customers");
        advance(Duration.ofSeconds(30));
        bunce.get("/v1/customers");

        advance(Duration.ofSeconds(30));
        assertThat(bunce.get("/v1/customers").status()).isEqualTo(200);
        assertThat(bunce.get("/v1/customers").status()).isEqualTo(429);
    }

    @Test
    void givenNoLimit_whenCalledOften_thenNoneIsTurnedAway() {
        sandbox.behave(Behaviour.normal().withRequestsPerMinute(0));

        for (int i = 0; i < 600; i++) {
            assertThat(bunce.get("/v1/customers").status()).isEqualTo(200);
        }
    }

    @Test
    void givenABlockedAddress_whenTheLimitChanges_thenItStartsAnew() {
        sandbox.behave(Behaviour.normal().withRequestsPerMinute(1));
        bunce.get("/v1/customers");
        assertThat(bunce.get("/v1/customers").status()).isEqualTo(429);

        sandbox.behave(Behaviour.normal().withRequestsPerMinute(2));

        assertThat(bunce.get("/v1/customers").status()).isEqualTo(200);
    }

    @Test
    void givenABlockedAddress_whenItAsksTheSandboxItself_thenItIsAnswered() {
        sandbox.behave(Behaviour.normal().withRequestsPerMinute(1));
        bunce.get("/v1/customers");
        assertThat(bunce.get("/v1/customers").status()).isEqualTo(429);

        assertThat(bunce.get("/sandbox/requests").status()).isEqualTo(200);
    }
}
