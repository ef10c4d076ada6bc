package io.deviceregistry.application.service;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deviceregistry.application.port.in.AnswerOnce;
import io.deviceregistry.application.port.out.Answer;
import io.deviceregistry.application.port.out.IdempotencyRecords;
import io.deviceregistry.application.port.out.IdempotentRequest;
import io.deviceregistry.application.port.out.RequestKey;
import io.deviceregistry.domain.IdempotencyKeyReusedException;
import io.deviceregistry.domain.RequestUnderWayException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AnswerOnceServiceTest {
    private static final RequestKey KEY = new RequestKey("caller", "POST /path", "key");
    private static final Duration DAY = Duration.ofDays(1);

    private final ServiceScene scene = new ServiceScene();
    private final AnswerOnce answers = new AnswerOnceService(scene.registry, DAY, scene::wake);
    private final AtomicInteger works = new AtomicInteger();

    private static IdempotentRequest request(RequestKey key, String content) {
        return new IdempotentRequest(key, content.getBytes(UTF_8));
    }

    private Answer once(RequestKey key, String request) {
        return answers.once(request(key, request), () -> "answer " + works.incrementAndGet());
    }

    @Test
    void a_repeated_request_gets_the_first_answer_and_does_nothing() {
        Answer first = once(KEY, "request");
        Answer second = once(KEY, "request");

        assertThat(first).isEqualTo(new Answer("answer 1", false));
        assertThat(second).isEqualTo(new Answer("answer 1", true));
        assertThat(works).hasValue(1);
    }

    @Test
    void what_became_due_is_looked_for_after_the_commit_and_not_after_a_repetition() {
        once(KEY, "request");
        once(KEY, "request");

        assertThat(scene.wakeUps).isEqualTo(1);
    }

    @Test
    void the_key_of_another_request_is_refused() {
        once(KEY, "request");

        assertThatThrownBy(() -> once(KEY, "another")).isInstanceOf(IdempotencyKeyReusedException.class);
        assertThat(works).hasValue(1);
    }

    @Test
    void after_a_day_the_key_is_free_again() {
        once(KEY, "request");
        scene.clock.advance(DAY);

        assertThat(once(KEY, "another")).isEqualTo(new Answer("answer 2", false));
    }

    @Test
    void an_equal_request_that_is_under_way_is_not_waited_for() {
        assertThatThrownBy(
                        () -> answers.once(request(KEY, ""), () -> once(KEY, "").content()))
                .isInstanceOf(RequestUnderWayException.class);
    }

    @Test
    void work_that_failed_is_done_again() {
        assertThatThrownBy(() -> answers.once(request(KEY, ""), () -> {
                    throw new IllegalStateException("no");
                }))
                .hasMessage("no");

        assertThat(once(KEY, "request").repeated()).isFalse();
    }

    @Test
    void what_is_answered_may_hold_tokens_and_is_not_told_to_whoever_prints_it() {
        assertThat(new Answer("a token", true)).asString().doesNotContain("token");
        assertThat(new IdempotencyRecords.Kept(true, "a token")).asString().doesNotContain("token");
    }
}
