package io.deviceregistry.application.service;

import io.deviceregistry.application.port.out.Outcome;
import io.deviceregistry.application.port.out.ProviderGate;
import io.deviceregistry.application.port.out.ProviderGate.Breaker;
import io.deviceregistry.application.port.out.ProviderGate.PauseReason;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.ProviderId;
import java.time.Duration;
import java.util.Set;

/** What the gate must hear of a request that a provider did not take. */
final class GateReport {
    private GateReport() {}

    /** @param outcomes of one request, which was about this customer */
    static void tell(
            ProviderGate gate,
            ProviderId provider,
            CustomerId customer,
            Breaker breaker,
            Set<? extends Outcome> outcomes) {
        if (!outcomes.isEmpty() && outcomes.stream().allMatch(GateReport::mayBeAnOutage)) {
            gate.failed(provider, customer, breaker);
        }
        for (Outcome outcome : outcomes) {
            switch (outcome) {
                case Outcome.Throttled(Duration retryAfter, String _) ->
                    gate.pause(provider, retryAfter, PauseReason.THROTTLED);
                case Outcome.Unauthorized _ -> gate.open(provider, breaker.probeInterval(), PauseReason.UNAUTHORIZED);
                default -> {}
            }
        }
    }

    static boolean mayBeAnOutage(Outcome outcome) {
        return outcome instanceof Outcome.NotApplied
                || outcome instanceof Outcome.Unconfirmed
                || outcome instanceof Outcome.Unexpected;
    }
}
