package io.deviceregistry.application.port.in;

import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.ApiKey;
import io.deviceregistry.domain.ApiKeySecret;
import java.util.Optional;

/** Knows callers by their keys. */
public interface AuthenticateCaller {

    /**
     * The key, if it is in force, and notes its use, to the minute. One look into the store, so whoever has many requests
     * remembers the answer for some seconds.
     *
     * @throws StoreUnavailableException if the store cannot be reached; nobody knows then whose key it is
     */
    Optional<ApiKey> byKey(ApiKeySecret secret);
}
