@NullMarked
package io.deviceregistry.bootstrap;

import org.jspecify.annotations.NullMarked;
