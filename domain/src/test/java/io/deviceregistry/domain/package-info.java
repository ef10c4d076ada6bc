@NullMarked
package io.deviceregistry.domain;

import org.jspecify.annotations.NullMarked;
