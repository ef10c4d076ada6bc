@NullMarked
package io.deviceregistry.bootstrap.architecture.broken.application.port.out;

import org.jspecify.annotations.NullMarked;
