package io.deviceregistry.application.port.out;

import java.time.Instant;

/**
 * A key that tokens, and what may hold some, are or were encrypted with in the store, and how much still is. Numbers of rows
 * are exact up to some ten thousand, and estimates beyond.
 *
 * @param id names the key without telling anything of it
 * @param lastUsedAt when something was last encrypted with it, to some seconds
 * @param devices rows of devices
 * @param deviceSyncs rows of what providers hold
 * @param answers remembered for repeated requests; not encrypted anew, but forgotten in time
 * @param importChunks parts of imports that wait to be stored, and are gone then
 */
public record EncryptionKey(
        String id, State state, Instant lastUsedAt, long devices, long deviceSyncs, long answers, long importChunks) {

    public enum State {
        /** Encrypts. While one key takes the place of another, both may: nothing is encrypted anew before one is out. */
        ACTIVE,
        /** Encrypts no more, and is needed to decrypt. */
        DECRYPT_ONLY,
        /** Nothing is encrypted with it any more: it may be thrown away. */
        RETIRED
    }
}
