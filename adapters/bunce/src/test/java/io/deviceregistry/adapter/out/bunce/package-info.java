@NullMarked
package io.deviceregistry.adapter.out.bunce;

import org.jspecify.annotations.NullMarked;
