@NullMarked
package io.deviceregistry.adapter.out.postgres;

import org.jspecify.annotations.NullMarked;
