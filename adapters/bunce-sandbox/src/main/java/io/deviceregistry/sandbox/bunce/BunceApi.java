package io.deviceregistry.sandbox.bunce;

import io.deviceregistry.sandbox.bunce.Router.Found;
import io.deviceregistry.sandbox.bunce.Router.Route;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
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

    BunceApi(Ledger ledger, CurrentBehaviour behaviour, RateLimiter limiter, InstantSource clock) {
        this.ledger = ledger;
        this.behaviour = behaviour;
        this.limiter = limiter;
        this.clock = clock;
    }

    Answer answer(Incoming incoming, Behaviour inForce) throws IOException {
        Answer intercepted = limit(incoming, inForce);
        if (intercepted == null) {
            intercepted = behaviour.intercept();
        }
        if (intercepted != null) {
            Outcome outcome = Outcome.unchanged(intercepted);
            return ledger.carryOut(incoming, (state, at) -> outcome);
        }
        return ledger.carryOut(incoming, (state, at) -> call(incoming, inForce, state, at));
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
