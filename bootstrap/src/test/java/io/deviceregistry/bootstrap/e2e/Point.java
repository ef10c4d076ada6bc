package io.deviceregistry.bootstrap.e2e;

/** Where a round of the sync engine can be held from outside, so that its process can be killed at that very point. */
enum Point {
    /** The claim has committed, and the permit is waited for. Nothing was sent. */
    AFTER_CLAIM,
    /** The request has been sent, and never arrives. */
    SENDING,
    /** The request has taken effect, and its answer is on its way. */
    AWAITING_ANSWER,
    /** The answer has come, and cannot be recorded yet. */
    BEFORE_SETTLING
}
