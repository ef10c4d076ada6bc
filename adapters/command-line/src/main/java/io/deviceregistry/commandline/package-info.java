/** What {@code ./registry} offers to people beside running the service: a client of its REST interface. */
@NullMarked
package io.deviceregistry.commandline;

import org.jspecify.annotations.NullMarked;
