/**
 * The contracts of the out-ports, as tests that every implementation passes, and the in-memory implementations that the
 * use cases are tested with. Shipped as this module's test-jar for those who write an adapter.
 */
@NullMarked
package io.deviceregistry.application.testing;

import org.jspecify.annotations.NullMarked;
