/**
 * A stand-in for Bunce, the customer-engagement service, for a developer's machine and for end-to-end tests. It
 * answers on a loopback port, keeps customers and devices in memory (and in a journal, if it is given one), records
 * every request, and can be told to be slow, to refuse, to throttle, or to fail in the ways of
 * {@link io.deviceregistry.sandbox.bunce.Behaviour.Fault}, from Java or under {@code /sandbox}. It is never part of the
 * production package and was never compared with the live service.
 *
 * <p><b>Documented</b> by Bunce's published developer pages or its public Node client: the paths under {@code /v1} and
 * their request members; the raw key in {@code X-Authorization}; the three shapes of an answer with devices; the
 * envelope {@code {"success","message","data"}}, its use for errors, and {@code meta}; that a changed device is answered
 * with {@code true} (pages) or the device (client); statuses 200, 201, 400, 401, 404, 422, 429; 500 requests a minute
 * per address, then 429 with {@code Retry-After} and 60 seconds of refusal.
 *
 * <p><b>Guessed</b>, because nothing is published about it: that a token sent twice makes a second device, and that a
 * change by token then reaches the older one; that devices sent with a customer add to those it has; that creating a
 * customer again updates it; that bulk calls apply wholly or not at all; that a customer is created by its first device,
 * unless {@link io.deviceregistry.sandbox.bunce.Behaviour#strictCustomers()} says otherwise; that {@code meta} stands
 * beside {@code data} (the client's types put both inside {@code data}); that the minute slides; page sizes; the
 * wording of messages; 405 and 413.
 */
@NullMarked
package io.deviceregistry.sandbox.bunce;

import org.jspecify.annotations.NullMarked;
