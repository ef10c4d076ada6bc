package io.deviceregistry.application.port.out;

import java.util.UUID;

/**
 * A position in the order of changes. What its parts mean is the store's business.
 *
 * @param generation of the store, which begins another one when it was restored from a copy
 * @param transaction not negative; orders the changes of a generation
 * @param sequence not negative; orders the changes of a transaction
 */
public record ChangeCursor(UUID generation, long transaction, long sequence) {}
