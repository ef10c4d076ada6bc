/**
 * The REST interface: snake-case JSON, errors as RFC 9457 problems.
 *
 * <p>Requests are read member by member with {@link io.deviceregistry.adapter.in.rest.JsonObject}, not bound to
 * classes, so that every fault of a request is told at once, each with its JSON pointer.
 */
@NullMarked
package io.deviceregistry.adapter.in.rest;

import org.jspecify.annotations.NullMarked;
