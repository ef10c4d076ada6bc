/** The migrations, tried on a real server, and that server: {@link io.deviceregistry.db.LocalPostgres}. */
@NullMarked
package io.deviceregistry.db;

import org.jspecify.annotations.NullMarked;
