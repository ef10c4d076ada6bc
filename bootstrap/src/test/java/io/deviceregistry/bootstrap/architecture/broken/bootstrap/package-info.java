@NullMarked
package io.deviceregistry.bootstrap.architecture.broken.bootstrap;

import org.jspecify.annotations.NullMarked;
