/**
 * {@code ./registry run}: the packaged service with a database and a Bunce of this machine. Why it lives among the tests
 * is told in {@code bootstrap/adr/0001}.
 */
@NullMarked
package io.deviceregistry.bootstrap.local;

import org.jspecify.annotations.NullMarked;
