@NullMarked
package io.deviceregistry.bootstrap.architecture.broken.adapter.in.one;

import org.jspecify.annotations.NullMarked;
