package io.deviceregistry.application.port.in;

import io.deviceregistry.application.port.out.EncryptionKey;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import java.util.List;

/** Tells how far the replacement of an encryption key is. */
public interface InspectEncryption {

    /**
     * The keys that the store was ever encrypted with, the one that was used last first. Reads a limited number of rows,
     * but thousands of them.
     *
     * @throws StoreUnavailableException if the store cannot be reached
     */
    List<EncryptionKey> keys();
}
