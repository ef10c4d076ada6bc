package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.deviceregistry.application.port.in.InspectSync;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.application.port.out.ParkedQuery;
import io.deviceregistry.application.port.out.ProviderGate.Pause;
import io.deviceregistry.application.port.out.ProviderGate.PauseReason;
import io.deviceregistry.domain.ParkedSync;
import io.deviceregistry.domain.SyncReason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
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
            long pending,
            @Schema(description = "By reason") Map<String, Long> parked,
            long unsupported,
            long synced,

            @Schema(description = "For how long the one has been pending that has been so longest; null if none is.")
            @Nullable Double oldestUnsyncedAgeSeconds,

            Gate gate) {
        static ProviderOverview from(InspectSync.Overview overview) {
            return new ProviderOverview(
                    overview.provider().value(),
                    overview.totals().pending(),
                    overview.totals().parked().entrySet().stream()
                            .collect(Collectors.toMap(
                                    parked -> parked.getKey().name(), Map.Entry::getValue, Long::sum, TreeMap::new)),
                    overview.totals().unsupported(),
                    overview.totals().synced(),
                    overview.totals().oldestPending() == null
                            ? null
                            : overview.totals().oldestPending().toMillis() / 1_000.0,
                    Gate.from(overview.pause()));
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

            @Schema(description = "While paused, but by a person: until it is tried again") @Nullable Double remainingSeconds) {
        static Gate from(@Nullable Pause pause) {
            if (pause == null) {
                return new Gate(GateState.OPEN, null, null);
            }
            Duration remaining = pause.remaining();
            return new Gate(
                    GateState.PAUSED, pause.reason(), remaining == null ? null : remaining.toMillis() / 1_000.0);
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
