/**
 * {@code ./registry bench}: how fast the packaged service is, by what the same machine does at the same time without it.
 */
@NullMarked
package io.deviceregistry.bootstrap.bench;

import org.jspecify.annotations.NullMarked;
