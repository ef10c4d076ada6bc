/** The application: builds the use cases, gives them the adapters, and starts and stops what runs by itself. */
@NullMarked
package io.deviceregistry.bootstrap;

import org.jspecify.annotations.NullMarked;
