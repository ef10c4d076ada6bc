/** Breaks every rule of the architecture, to prove that the rules can fail. */
@NullMarked
package io.deviceregistry.bootstrap.architecture.broken;

import org.jspecify.annotations.NullMarked;
