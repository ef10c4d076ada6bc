/**
 * Keeps the registry in PostgreSQL, 15 or later.
 *
 * <p>Entities read; the writes that carry load are single native statements with transactions of their own, each beside
 * a comment on the plan it relies on. Times are the database's.
 *
 * <p>Lock order, the same in every transaction: advisory locks of token hashes, ascending; customers; devices; {@code
 * device_sync} by device id.
 */
@NullMarked
package io.deviceregistry.adapter.out.postgres;

import org.jspecify.annotations.NullMarked;
