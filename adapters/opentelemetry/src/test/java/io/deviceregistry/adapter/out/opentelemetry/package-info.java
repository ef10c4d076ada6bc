@NullMarked
package io.deviceregistry.adapter.out.opentelemetry;

import org.jspecify.annotations.NullMarked;
