package io.deviceregistry.application.service;

import io.deviceregistry.application.port.out.Holding;
import io.deviceregistry.application.port.out.Outcome;
import io.deviceregistry.application.port.out.ProviderCall;
import io.deviceregistry.application.port.out.Settlement;
import io.deviceregistry.application.port.out.Settlement.Doubt;
import io.deviceregistry.application.port.out.SyncTask;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.SyncReason;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What an outcome makes of a device: whether it is synced, or when it is tried again, if at all. */
final class Verdicts {
    private final SyncSettings settings;
    private final ProviderHealth health;
    private final RandomGenerator random;
    private final Masking masking;

    /**
     * @param health the provider's, as it is when a verdict is asked for: a failure counts against a device only if others
     *     succeed
     * @param masking of what the provider says
     */
    Verdicts(SyncSettings settings, ProviderHealth health, RandomGenerator random, Masking masking) {
        this.settings = settings;
        this.health = health;
        this.random = random;
        this.masking = masking;
    }

    /** After a call that told of the device. */
    Settlement.Verdict told(SyncTask task, ProviderCall call, Outcome outcome) {
        return switch (outcome) {
            case Outcome.Accepted(var remoteId) ->
                new Settlement.Synced(holding(call, task, masking.maskIfAny(remoteId)));
            case Outcome.CustomerUnknown _ when call instanceof ProviderCall.Retire -> new Settlement.Synced(null);
            case Outcome.CustomerUnknown(String words) ->
                parked(task, unknownCustomerRetry(task), SyncReason.CUSTOMER_UNKNOWN, words);
            case Outcome.Rejected(String words) -> parked(task, null, SyncReason.REJECTED, words);
            case Outcome.Unsupported(String words) ->
                new Settlement.Unsupported(
                        call instanceof ProviderCall.Retire
                                ? SyncReason.RETIRE_NOT_SUPPORTED
                                : SyncReason.TYPE_NOT_SUPPORTED,
                        masking.mask(words));
            case Outcome.Unconfirmed(String words) ->
                new Settlement.Retry(
                        Durations.longer(settings.settlingDelay(), backoff(task)),
                        Doubt.NEW,
                        health.isWell(),
                        SyncReason.UNCONFIRMED,
                        masking.mask(words));
            case Outcome.Unexpected(String words)
            when health.isWell() && task.strikes() + 1 >= settings.maxStrikes() ->
                parked(task, null, SyncReason.REJECTED, words);
            case Outcome.Unexpected(String words) ->
                new Settlement.Retry(
                        backoff(task), doubt(task), health.isWell(), SyncReason.UNEXPECTED_ANSWER, masking.mask(words));
            case Outcome.Throttled failure -> notDone(task, failure);
            case Outcome.Unauthorized failure -> notDone(task, failure);
            case Outcome.NotApplied failure -> notDone(task, failure);
        };
    }

    /** Repeated so often without an answer that to send it once more would be to make duplicates. */
    Settlement.Verdict unconfirmedTooOften(SyncTask task) {
        return parked(task, null, SyncReason.UNCONFIRMED, "What came of " + task.strikes() + " attempts is not known");
    }

    /** A question that was not answered leaves the doubt that it was about. */
    Settlement.Verdict unanswered(SyncTask task, Outcome.Failure failure) {
        return failure instanceof Outcome.Unconfirmed
                ? retry(task, backoff(task), SyncReason.UNCONFIRMED, failure.words())
                : notDone(task, failure);
    }

    /** The customer could not be made known, so the device was not sent. */
    Settlement.Verdict withoutCustomer(SyncTask task, Outcome.Failure failure) {
        return switch (failure) {
            case Outcome.Throttled _, Outcome.Unauthorized _, Outcome.NotApplied _, Outcome.Unexpected _ ->
                notDone(task, failure);
            // A customer that is made twice is one, so nobody is in doubt about a device.
            case Outcome.Unconfirmed _ ->
                retry(
                        task,
                        Durations.longer(settings.settlingDelay(), backoff(task)),
                        SyncReason.CUSTOMER_UNKNOWN,
                        failure.words());
            case Outcome.Rejected _, Outcome.CustomerUnknown _, Outcome.Unsupported _ ->
                parked(task, unknownCustomerRetry(task), SyncReason.CUSTOMER_UNKNOWN, failure.words());
        };
    }

    /** The request had no effect, for a reason that is not the device's. */
    private Settlement.Verdict notDone(SyncTask task, Outcome.Failure failure) {
        return switch (failure) {
            case Outcome.Throttled(Duration retryAfter, String words) ->
                retry(task, retryAfter, SyncReason.THROTTLED, words);
            case Outcome.Unauthorized(String words) ->
                retry(task, settings.probeInterval(), SyncReason.UNAUTHORIZED, words);
            case Outcome.Unexpected(String words) -> retry(task, backoff(task), SyncReason.UNEXPECTED_ANSWER, words);
            default -> retry(task, backoff(task), SyncReason.UNREACHABLE, failure.words());
        };
    }

    private Settlement.Verdict retry(SyncTask task, Duration in, SyncReason reason, String words) {
        return new Settlement.Retry(in, doubt(task), false, reason, masking.mask(words));
    }

    private Settlement.Verdict parked(SyncTask task, @Nullable Duration retryIn, SyncReason reason, String words) {
        return new Settlement.Parked(retryIn, doubt(task), reason, masking.mask(words));
    }

    /** Stays even if the provider was asked meanwhile: what it said is kept only with what was done about it. */
    private static Doubt doubt(SyncTask task) {
        return task.uncertain() ? Doubt.OLD : Doubt.NONE;
    }

    /** What the provider holds after it accepted. */
    private static @Nullable Holding holding(ProviderCall call, SyncTask task, @Nullable String remoteId) {
        Device device = task.device();
        return switch (call) {
            case ProviderCall.Create _ -> new Holding(remoteId, device.type(), device.token());
            case ProviderCall.Update(Device _, Holding held) ->
                new Holding(remoteId == null ? held.remoteId() : remoteId, device.type(), device.token());
            case ProviderCall.Retire _ -> null;
        };
    }

    private Duration backoff(SyncTask task) {
        Duration ceiling = settings.backoffCeiling(task.failures());
        return Duration.ofMillis(random.nextLong(ceiling.toMillis() + 1));
    }

    private Duration unknownCustomerRetry(SyncTask task) {
        return settings.unknownCustomerRetry(task.parked() ? task.failures() + 1 : 0);
    }
}
