package io.deviceregistry.sandbox.bunce;

import io.deviceregistry.sandbox.bunce.Behaviour.Fault;
import org.jspecify.annotations.Nullable;

/** An answer, and what befalls it on its way out, if anything. */
record Reply(Answer answer, @Nullable Fault fault) {

    static Reply unhurt(Answer answer) {
        return new Reply(answer, null);
    }
}
