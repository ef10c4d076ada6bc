package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.deviceregistry.application.port.out.Changes;
import io.deviceregistry.domain.ChangeKind;
import io.deviceregistry.domain.DeviceChange;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A change of a device, as this interface shows it. */
@Schema(name = "RecordedChange")
@JsonNaming(SnakeCaseStrategy.class)
record ChangeJson(
        ChangeKind kind,
        UUID deviceId,

        @Schema(description = "May be that of a customer who was erased since.")
        String customerId,

        @Schema(description = "That the device has since; of two changes of a device, the greater one is the later.")
        long version,

        @Schema(description = "Who made it: the name that the key was issued to; registry, if nobody asked for it.")
        String caller,

        @Schema(description = "When it began; not what the changes are ordered by.")
        Instant changedAt) {
    static ChangeJson from(DeviceChange change) {
        return new ChangeJson(
                change.kind(),
                change.device().value(),
                change.customer().value(),
                change.version(),
                change.caller().name(),
                change.changedAt());
    }

    @Schema(name = "RecordedChanges")
    record Listed(
            List<ChangeJson> changes,

            @Schema(description = "What to give as after to get what follows; always there, also where no change is.")
            String next) {
        static Listed from(Changes changes) {
            return new Listed(changes.changes().stream().map(ChangeJson::from).toList(), Cursor.after(changes.next()));
        }
    }
}
