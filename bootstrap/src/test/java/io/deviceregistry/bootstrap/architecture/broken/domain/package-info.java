@NullMarked
package io.deviceregistry.bootstrap.architecture.broken.domain;

import org.jspecify.annotations.NullMarked;
