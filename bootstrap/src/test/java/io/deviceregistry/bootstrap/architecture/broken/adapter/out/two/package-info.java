@NullMarked
package io.deviceregistry.bootstrap.architecture.broken.adapter.out.two;

import org.jspecify.annotations.NullMarked;
