/** Holds the code to the shape that the README draws. */
@NullMarked
package io.deviceregistry.bootstrap.architecture;

import org.jspecify.annotations.NullMarked;
