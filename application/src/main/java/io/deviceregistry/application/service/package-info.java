/**
 * The use cases. Plain classes with constructor arguments; {@code bootstrap} builds them.
 */
@NullMarked
package io.deviceregistry.application.service;

import org.jspecify.annotations.NullMarked;
