package io.deviceregistry.domain;

/** Rows came for an import that had been given up, because nothing had come for long. */
public final class ImportEndedException extends RegistryException {

    public ImportEndedException(ImportId id) {
        super("The import " + id + " was given up, because nothing had arrived for long. Send the file again.");
    }
}
