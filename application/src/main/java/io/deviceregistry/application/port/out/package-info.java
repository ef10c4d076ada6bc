/**
 * What the registry needs of the world. Each port has a contract test in this module's test-jar that every
 * implementation passes, the in-memory one included.
 */
@NullMarked
package io.deviceregistry.application.port.out;

import org.jspecify.annotations.NullMarked;
