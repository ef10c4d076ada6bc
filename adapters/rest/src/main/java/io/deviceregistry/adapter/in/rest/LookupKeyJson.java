package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.deviceregistry.application.port.out.LookupKey;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** The lookup key, as this interface shows it. */
@Schema(
        name = "LookupKey",
        description = "The key by which tokens are found, by its name, and how far its replacement is. The numbers are "
                + "estimates once there are more than some ten thousand devices. The phase is exact.")
@JsonNaming(SnakeCaseStrategy.class)
record LookupKeyJson(
        @Schema(description = "Tells nothing of the key. The log names it by this, too.")
        String keyId,

        @Schema(description = "The key that is taking its place; null while none is.") @Nullable String nextKeyId,

        @Schema(
                description =
                        "The key that it took the place of, as long as answers are remembered for an Idempotency-Key that "
                                + "are found by that alone; null if there is none, so that no key but key_id is needed.")
        @Nullable String formerKeyId,

        @Schema(
                description =
                        "SINGLE: no key is being replaced. BACK_FILL: what is stored can be found by both keys, and what was "
                                + "stored before is made to be. SWITCH: all can be; that is looked over and indexed, and then "
                                + "the next key takes the other one's place in one moment.")
        LookupKey.Phase phase,

        @Schema(description = "Devices that cannot be found by the next key yet.")
        long devicesLeft,

        @Schema(
                description =
                        "Notes of tokens that were given up, likewise. Some may have to wait until it is known what became "
                                + "of a request to a provider.")
        long notesLeft,

        @Schema(
                description =
                        "Those of the devices whose token cannot be opened. As long as there are any the key cannot be "
                                + "replaced.")
        long unreadableDevices) {

    static LookupKeyJson from(LookupKey key) {
        return new LookupKeyJson(
                key.id(),
                key.nextId(),
                key.formerId(),
                key.phase(),
                key.devicesLeft(),
                key.notesLeft(),
                key.unreadable());
    }
}
