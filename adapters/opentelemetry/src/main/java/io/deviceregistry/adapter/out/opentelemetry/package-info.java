/**
 * Records traces with OpenTelemetry: what a caller asked for, the rounds of the sync that came of it, and the calls to
 * providers in them. Off, unless {@code quarkus.otel.sdk.disabled} is {@code false}.
 */
@NullMarked
package io.deviceregistry.adapter.out.opentelemetry;

import org.jspecify.annotations.NullMarked;
