/**
 * Makes devices known to Bunce, a customer-engagement service, over its REST API.
 *
 * <p>What is known of that API comes from Bunce's published developer pages ({@code POST} and {@code PATCH
 * /customers/{id}/devices}, errors, limits) and from its public Node client (the shape of answers). Neither says
 * everything, so answers are read tolerantly, and what is uncertain is configurable.
 */
@NullMarked
package io.deviceregistry.adapter.out.bunce;

import org.jspecify.annotations.NullMarked;
