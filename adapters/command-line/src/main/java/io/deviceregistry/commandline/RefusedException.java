package io.deviceregistry.commandline;

/** What was asked for was not done. The message is for the person who asked. */
final class RefusedException extends RuntimeException {
    RefusedException(String message) {
        super(message);
    }
}
