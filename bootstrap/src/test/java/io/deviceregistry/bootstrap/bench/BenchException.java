package io.deviceregistry.bootstrap.bench;

/** The benchmark cannot be run, or what it measured is void; its message says why to the person at the terminal. */
final class BenchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BenchException(String sentence) {
        super(sentence);
    }

    BenchException(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
