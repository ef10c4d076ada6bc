package io.deviceregistry.sandbox.bunce;

import java.util.List;

/** What a call is answered and what it changes; the changes are not applied yet. */
record Outcome(Answer answer, List<Change> changes) {

    static Outcome unchanged(Answer answer) {
        return new Outcome(answer, List.of());
    }
}
