package io.deviceregistry.domain;

/** Changes that follow a position are not there any more, or never were: whoever goes on from it would miss some. */
public final class ChangesGoneException extends RegistryException {
    private static final String BEGIN_ANEW =
            " Take the cursor of this moment, read all devices anew, and go on from that cursor.";

    private ChangesGoneException(String reason) {
        super(reason + BEGIN_ANEW);
    }

    public static ChangesGoneException becauseOfTheirAge() {
        return new ChangesGoneException("Changes after this cursor were dropped because of their age.");
    }

    public static ChangesGoneException becauseOfARestore() {
        return new ChangesGoneException(
                "The database was restored to a time before this cursor, so what it says happened is not known here.");
    }

    public static ChangesGoneException becauseOfAnotherOrigin() {
        return new ChangesGoneException("This cursor comes from a database that this one does not descend from.");
    }
}
