package io.deviceregistry.application.port.out;

/** The lookup key cannot be replaced now. The message says why, and is safe to show: it names keys and tells nothing of them. */
public final class LookupKeyRefusedException extends RuntimeException {
    private final String message;

    public LookupKeyRefusedException(String message) {
        super(message);
        this.message = message;
    }

    @Override
    public String getMessage() {
        return message;
    }
}
