package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.deviceregistry.application.port.out.EncryptionKey;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** An encryption key, as this interface shows it. */
@Schema(
        name = "EncryptionKey",
        description =
                "An encryption key of the database, by its name, and how many rows are encrypted with it. The numbers "
                        + "are estimates once a table has more than some ten thousand rows: then few may be left where 0 is told. "
                        + "The state is exact.")
@JsonNaming(SnakeCaseStrategy.class)
record EncryptionKeyJson(
        @Schema(description = "Tells nothing of the key. The log names it by this, too.")
        String keyId,

        @Schema(
                description =
                        "ACTIVE: a replica encrypts with it, or did half a minute ago. While several are, nothing is "
                                + "encrypted anew. DECRYPT_ONLY: it is needed to decrypt. RETIRED: nothing is encrypted with it "
                                + "any more, so it may be taken out of the configuration.")
        EncryptionKey.State state,

        @Schema(description = "When something was last encrypted with it, to some seconds.")
        Instant lastUsedAt,

        long devices,

        @Schema(description = "What providers hold of devices.")
        long deviceSyncs,

        @Schema(description = "Remembered for an Idempotency-Key. They are forgotten in time, and not encrypted anew.")
        long answers,

        @Schema(description = "Parts of imports that wait to be stored.")
        long importChunks) {

    @Schema(name = "EncryptionKeys")
    @JsonNaming(SnakeCaseStrategy.class)
    record Listed(List<EncryptionKeyJson> encryptionKeys) {
        static Listed from(List<EncryptionKey> keys) {
            return new Listed(keys.stream().map(EncryptionKeyJson::from).toList());
        }
    }

    private static EncryptionKeyJson from(EncryptionKey key) {
        return new EncryptionKeyJson(
                key.id(),
                key.state(),
                key.lastUsedAt(),
                key.devices(),
                key.deviceSyncs(),
                key.answers(),
                key.importChunks());
    }
}
