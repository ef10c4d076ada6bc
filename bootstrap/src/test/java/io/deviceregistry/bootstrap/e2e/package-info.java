/** The packaged service in a process of its own, a real database, a Bunce over HTTP, and callers over HTTP. */
@NullMarked
package io.deviceregistry.bootstrap.e2e;

import org.jspecify.annotations.NullMarked;
