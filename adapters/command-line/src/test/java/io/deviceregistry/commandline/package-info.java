@NullMarked
package io.deviceregistry.commandline;

import org.jspecify.annotations.NullMarked;
