package io.deviceregistry.application.port.out;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The key by which the store finds tokens, and how far its replacement is. Numbers of rows are exact up to some ten
 * thousand, and estimates beyond.
 *
 * @param id names the key in use without telling anything of it
 * @param nextId the one that is taking its place; null while none is
 * @param formerId the one that it took the place of, as long as answers are remembered that are found by it alone; else
 *     null
 * @param devicesLeft devices that cannot be found by the next key yet
 * @param notesLeft notes of tokens that were given up, of which a provider is still to be told, likewise
 * @param unreadable those of the devices of which the token cannot be opened; the replacement does not end with any
 * @param underWay for how long the replacement has been under way; zero while there is none
 */
public record LookupKey(
        String id,
        @Nullable String nextId,
        @Nullable String formerId,
        Phase phase,
        long devicesLeft,
        long notesLeft,
        long unreadable,
        Duration underWay) {

    public enum Phase {
        /** No key is being replaced. */
        SINGLE,
        /** Whatever is stored can be found by both keys, and what was stored before is made to be. */
        BACK_FILL,
        /** All can be found by both keys: what is left is to look it over, to index it and to change over in one moment. */
        SWITCH
    }
}
