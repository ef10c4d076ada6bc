package io.deviceregistry.application.service;

import io.deviceregistry.application.port.in.AnswerOnce;
import io.deviceregistry.application.port.out.Answer;
import io.deviceregistry.application.port.out.IdempotencyRecords;
import io.deviceregistry.application.port.out.IdempotencyRecords.Kept;
import io.deviceregistry.application.port.out.IdempotentRequest;
import io.deviceregistry.domain.RequestUnderWayException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/** Finds the answer that was given, or gives it. */
public final class AnswerOnceService implements AnswerOnce {
    private final IdempotencyRecords records;
    private final Duration retention;
    private final Runnable wakeSync;

    /**
     * @param retention how long an answer is remembered
     * @param wakeSync called when an answer became durable; must not block
     */
    public AnswerOnceService(IdempotencyRecords records, Duration retention, Runnable wakeSync) {
        this.records = records;
        this.retention = retention;
        this.wakeSync = wakeSync;
    }

    @Override
    public Answer once(IdempotentRequest request, Supplier<String> work) {
        Answer answer = records.exclusively(request.key(), slot -> answer(slot, request.content(), work))
                .orElseThrow(RequestUnderWayException::new);
        if (!answer.repeated()) {
            // The work's own call to wake came before the commit, too early for what it changed to be seen.
            wakeSync.run();
        }
        return answer;
    }

    private Answer answer(IdempotencyRecords.Slot slot, byte[] request, Supplier<String> work) {
        Optional<Kept> kept = slot.kept(request, retention);
        if (kept.isPresent()) {
            return kept.get().repeated();
        }
        String answer = work.get();
        slot.keep(request, answer);
        return new Answer(answer, false);
    }
}
