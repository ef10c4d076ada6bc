package io.deviceregistry.commandline;

/** What was asked for was not done. The message is for the person who asked. */
class RefusedException extends RuntimeException {
    RefusedException(String message) {
        super(message);
    }

    /** No answer, or one that says that it may be another one later. */
    static final class Unavailable extends RefusedException {
        Unavailable(String message) {
            super(message);
        }
    }

    /** The command, a variable, or the file that is named, makes no sense. */
    static final class Senseless extends RefusedException {
        Senseless(String message) {
            super(message);
        }
    }
}
