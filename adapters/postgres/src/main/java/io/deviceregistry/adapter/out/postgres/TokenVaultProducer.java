package io.deviceregistry.adapter.out.postgres;

import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;

/** Makes the vault from the configured keys. */
@ApplicationScoped
class TokenVaultProducer {

    @Produces
    @Singleton
    @Startup // so that a bad key stops the start and not the first registration
    TokenVault tokenVault(TokenKeys keys) {
        return new TokenVault(
                keys.encryptionKey(),
                keys.furtherEncryptionKeys().orElse(List.of()),
                keys.lookupKey(),
                keys.nextLookupKey().orElse(null));
    }
}
