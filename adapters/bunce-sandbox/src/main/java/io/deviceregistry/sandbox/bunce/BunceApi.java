package io.deviceregistry.sandbox.bunce;

import io.deviceregistry.sandbox.bunce.Behaviour.Fault;
import io.deviceregistry.sandbox.bunce.Router.Found;
import io.deviceregistry.sandbox.bunce.Router.Route;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Bunce's side of the server: what stands before every call, then the call. */
final class BunceApi {

    private final Router<Call.Handler> router = new Router<>(Stream.of(CustomerCalls.routes(), DeviceCalls.routes())
            .<Route<Call.Handler>>flatMap(List::stream)
            .toList());
    private final Ledger ledger;
    private final CurrentBehaviour behaviour;
    private final RateLimiter limiter;
    private final InstantSource clock;
    private final Closing closing;

    BunceApi(Ledger ledger, CurrentBehaviour behaviour, RateLimiter limiter, InstantSource clock, Closing closing) {
        this.ledger = ledger;
        this.behaviour = behaviour;
        this.limiter = limiter;
        this.clock = clock;
        this.closing = closing;
    }

    Reply answer(Incoming incoming, Behaviour inForce) throws IOException {
        Instant arrived = clock.instant();
        Answer intercepted = limit(incoming, inForce);
        if (intercepted == null) {
            intercepted = behaviour.intercept();
        }
        if (intercepted != null) {
            Outcome outcome = Outcome.unchanged(intercepted);
            return Reply.unhurt(ledger.carryOut(incoming, arrived, null, (state, at) -> outcome));
        }
        Fault fault = behaviour.draw();
        if (fault != null && fault.kind() == Fault.Kind.LATE) {
            closing.await(fault.time());
        }
        Answer answer = ledger.carryOut(
                incoming,
                arrived,
                fault == null ? null : fault.kind(),
                (state, at) -> fault == null
                        ? call(incoming, inForce, state, at)
                        : afflicted(fault, at, () -> call(incoming, inForce, state, at)));
        return new Reply(answer, fault);
    }

    /** What a fault makes of an outcome. What it does to the answer's bytes is the front door's business. */
    private static Outcome afflicted(Fault fault, Instant at, Supplier<Outcome> call) {
        return switch (fault.kind()) {
            case ERROR_BEFORE -> Outcome.unchanged(Answer.error(503, "Service Unavailable"));
            case ERROR_AFTER ->
                new Outcome(
                        Answer.error(500, "Internal Server Error"), call.get().changes());
            case THROTTLE_SECONDS -> throttled(Long.toString(fault.time().toSeconds()));
            case THROTTLE_DATE ->
                throttled(DateTimeFormatter.RFC_1123_DATE_TIME.format(
                        at.plus(fault.time()).atOffset(ZoneOffset.UTC)));
            case DROP, CUT, DRIBBLE, RUBBISH, LATE -> call.get();
        };
    }

    private static Outcome throttled(String retryAfter) {
        return Outcome.unchanged(Answer.throttled(Map.of("Retry-After", retryAfter)));
    }

    private @Nullable Answer limit(Incoming incoming, Behaviour inForce) {
        Duration wait = limiter.admit(incoming.remoteAddress(), inForce.requestsPerMinute(), clock.instant());
        if (wait.isZero()) {
            return null;
        }
        long seconds = wait.plusMillis(999).toSeconds();
        return Answer.throttled(Map.of("Retry-After", Long.toString(seconds)));
    }

    private Outcome call(Incoming incoming, Behaviour inForce, State state, Instant at) {
        if (!incoming.authorized()) {
            throw new RefusedException(401, "Unauthorized");
        }
        Target target = incoming.target();
        Found<Call.Handler> found = router.find(incoming.method(), target.segments());
        incoming.requireBodyWithinLimit();
        String now = at.truncatedTo(ChronoUnit.MILLIS).toString();
        Call call = new Call(found.parameters(), target.query(), incoming.body(), inForce, now);
        return found.handler().handle(call, state);
    }
}
