/**
 * What a customer and a device are, and the rules they live by. Plain Java: nothing here knows of HTTP, SQL or any
 * provider.
 */
@NullMarked
package io.deviceregistry.domain;

import org.jspecify.annotations.NullMarked;
