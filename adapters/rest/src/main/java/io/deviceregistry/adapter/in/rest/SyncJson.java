package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.deviceregistry.application.port.in.InspectSync;
import io.deviceregistry.application.port.in.RepairSync;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.application.port.out.ParkedQuery;
import io.deviceregistry.application.port.out.ProviderGate.Pause;
import io.deviceregistry.application.port.out.ProviderGate.PauseReason;
import io.deviceregistry.application.port.out.ProviderGate.Suspension;
import io.deviceregistry.application.port.out.ProviderGate.Traffic;
import io.deviceregistry.application.port.out.SyncTotals;
import io.deviceregistry.domain.ParkedSync;
import io.deviceregistry.domain.SyncReason;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** How the sync is, as this interface shows it. */
final class SyncJson {
    private SyncJson() {}

    @Schema(name = "SyncOverview")
    record Overview(List<ProviderOverview> providers) {
        static Overview from(List<InspectSync.Overview> overview) {
            return new Overview(overview.stream().map(ProviderOverview::from).toList());
        }
    }

    @Schema(name = "ProviderOverview", description = "Numbers of devices by their state at one provider.")
    @JsonNaming(SnakeCaseStrategy.class)
    record ProviderOverview(
            @Schema(examples = "bunce") String provider,

            @Schema(
                    description =
                            "By lane: FRESH, and BACKLOG for what is only caught up on. Of more than 100,000 an estimate.")
            Map<String, Long> pending,

            @Schema(description = "By reason") Map<String, Long> parked,

            long unsupported,

            @Schema(description = "Of more than some hundred thousand devices an estimate, some percent off.")
            long synced,

            @Schema(
                    description =
                            "For how long the one has been pending that has been so longest; where more than 100,000 are in "
                                    + "a lane, of those that are due first. Null if none is.")
            @Nullable Double oldestUnsyncedAgeSeconds,

            @Schema(
                    description =
                            "Tokens that another customer has by now and whose former holder the provider still knows.")
            long twoHolders,

            @Schema(description = "What comparisons with the provider found so far, by kind: MISSING, DIFFERENT, EXTRA")
            Map<String, Long> drift,

            @Schema(description = "Requests of the last minutes, the newest first; none of a quiet minute")
            List<Calls> calls,

            @Schema(
                    description =
                            "When the backlog will be done, about, if nothing else comes: at the best pace of the "
                                    + "last minutes or, before there is one, at the provider's limit. Null if there is no "
                                    + "backlog, while the provider is paused, and while there is no pace to tell it by.")
            @Nullable Instant backlogDoneAt,

            Gate gate) {
        static ProviderOverview from(InspectSync.Overview overview) {
            InspectSync.Standing standing = overview.standing();
            SyncTotals totals = standing.totals();
            Duration oldest = totals.oldestPending();
            Duration left = overview.backlogLeft();
            return new ProviderOverview(
                    standing.provider().value(),
                    byName(totals.pending()),
                    byName(totals.parked()),
                    totals.unsupported(),
                    overview.synced(),
                    oldest == null ? null : oldest.toMillis() / 1_000.0,
                    totals.twoHolders(),
                    byName(standing.drift()),
                    overview.traffic().stream().map(Calls::from).toList(),
                    left == null ? null : Instant.now().plus(left).truncatedTo(ChronoUnit.SECONDS),
                    Gate.from(standing.pause()));
        }

        private static Map<String, Long> byName(Map<? extends Enum<?>, Long> numbers) {
            Map<String, Long> byName = new TreeMap<>();
            numbers.forEach((key, number) -> byName.put(key.name(), number));
            return byName;
        }
    }

    @Schema(name = "ProviderCalls")
    @JsonNaming(SnakeCaseStrategy.class)
    record Calls(
            Instant minute,
            long sent,

            @Schema(description = "Those that the provider did not take.")
            long failed) {
        static Calls from(Traffic traffic) {
            return new Calls(traffic.minute(), traffic.sent(), traffic.failed());
        }
    }

    @Schema(name = "ProviderSelection")
    record Selection(@Schema(examples = "bunce") String provider) {}

    @Schema(name = "CustomerSelection")
    @JsonNaming(SnakeCaseStrategy.class)
    record CustomerSelection(String customerId) {}

    @Schema(name = "Comparisons")
    record Comparisons(List<Comparison> providers) {
        static Comparisons from(List<RepairSync.Comparison> comparisons) {
            return new Comparisons(comparisons.stream().map(Comparison::from).toList());
        }
    }

    enum ComparisonStatus {
        compared,
        not_offered,
        under_way,
        not_answered
    }

    @Schema(name = "Comparison", description = "What differed goes out again, or is retired; a stranger is left alone.")
    @JsonNaming(SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Comparison(
            String provider,

            @Schema(
                    description =
                            "not_offered: the provider cannot tell what it holds. under_way: it is still being told "
                                    + "of the customer. not_answered: it takes no requests, or said why not.")
            ComparisonStatus status,

            @Schema(description = "With compared: devices that the provider lacked.") @Nullable Integer missing,

            @Schema(description = "With compared: devices that it has with another type or token.") @Nullable Integer different,

            @Schema(description = "With compared: devices that it should not have.") @Nullable Integer extra,

            @Schema(description = "With not_answered: in the provider's words, tokens masked.") @Nullable String detail) {
        static Comparison from(RepairSync.Comparison comparison) {
            String provider = comparison.provider().value();
            return switch (comparison.finding()) {
                case RepairSync.Finding.Compared(int missing, int different, int extra) ->
                    new Comparison(provider, ComparisonStatus.compared, missing, different, extra, null);
                case RepairSync.Finding.NotOffered _ -> without(provider, ComparisonStatus.not_offered, null);
                case RepairSync.Finding.UnderWay _ -> without(provider, ComparisonStatus.under_way, null);
                case RepairSync.Finding.NotAnswered(String words) ->
                    without(provider, ComparisonStatus.not_answered, words);
            };
        }

        private static Comparison without(String provider, ComparisonStatus status, @Nullable String detail) {
            return new Comparison(provider, status, null, null, null, detail);
        }
    }

    enum GateState {
        OPEN,
        PAUSED
    }

    @Schema(name = "ProviderGate", description = "Whether the provider is sent to.")
    @JsonNaming(SnakeCaseStrategy.class)
    record Gate(
            GateState state,
            @Schema(description = "While paused") @Nullable PauseReason reason,

            @Schema(description = "While paused, but by a person: until it is tried again") @Nullable Double remainingSeconds,

            @Schema(description = "While paused by a person: the caller that asked for it") @Nullable String pausedBy,

            @Schema(description = "While paused by a person: since when") @Nullable Instant pausedAt) {
        static Gate from(@Nullable Pause pause) {
            if (pause == null) {
                return new Gate(GateState.OPEN, null, null, null, null);
            }
            Duration remaining = pause.remaining();
            Suspension suspension = pause.suspension();
            return new Gate(
                    GateState.PAUSED,
                    pause.reason(),
                    remaining == null ? null : remaining.toMillis() / 1_000.0,
                    suspension == null ? null : suspension.by().name(),
                    suspension == null ? null : suspension.since());
        }
    }

    @Schema(name = "ParkedDevices")
    @JsonNaming(SnakeCaseStrategy.class)
    record Parked(
            List<ParkedDevice> parked,

            @Schema(description = "Null if there are no more.") @Nullable String nextCursor) {
        static Parked from(Page<ParkedSync, ParkedQuery.Position> page) {
            return new Parked(
                    page.items().stream().map(ParkedDevice::from).toList(),
                    page.next() == null ? null : Cursor.after(page.next()));
        }
    }

    @Schema(name = "ParkedDevice")
    @JsonNaming(SnakeCaseStrategy.class)
    record ParkedDevice(String customerId, UUID deviceId, DeviceJson.Provider sync) {
        static ParkedDevice from(ParkedSync parked) {
            return new ParkedDevice(
                    parked.customer().value(), parked.device().value(), DeviceJson.Provider.from(parked.sync()));
        }
    }

    @Schema(
            name = "ReplaySelection",
            description =
                    "Which parked devices to try again: those that satisfy all that is given; all of them only if "
                            + "all is true.")
    @JsonNaming(SnakeCaseStrategy.class)
    record Replay(
            @Nullable String provider,
            @Nullable String customerId,
            @Nullable String deviceId,
            @Nullable SyncReason reason,
            @Nullable Boolean all) {}

    @Schema(name = "Replayed")
    record Replayed(
            @Schema(description = "How many are due again.") long replayed) {}
}
