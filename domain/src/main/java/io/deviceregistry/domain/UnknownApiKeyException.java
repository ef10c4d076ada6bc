package io.deviceregistry.domain;

/** No API key has this id. */
public final class UnknownApiKeyException extends RegistryException {

    public UnknownApiKeyException(ApiKeyId key) {
        super("There is no API key " + key + ".");
    }
}
