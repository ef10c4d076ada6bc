package io.deviceregistry.domain;

/** No erasure has this id. */
public final class UnknownErasureException extends RegistryException {

    public UnknownErasureException(ErasureId erasure) {
        super("There is no erasure " + erasure + ".");
    }
}
