package io.deviceregistry.domain;

/** No import has this id, or it was long ago. */
public final class UnknownImportException extends RegistryException {

    public UnknownImportException(ImportId id) {
        super("There is no import " + id + ".");
    }
}
