package io.deviceregistry.bootstrap.local;

/** Its message is one sentence for the person at the terminal: what is wrong, and what to set or do. */
final class CannotRunException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    CannotRunException(String sentence) {
        super(sentence);
    }

    CannotRunException(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
