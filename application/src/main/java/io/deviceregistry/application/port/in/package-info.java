/**
 * What the registry does for those who call it. Inbound adapters depend on these and on nothing behind them.
 */
@NullMarked
package io.deviceregistry.application.port.in;

import org.jspecify.annotations.NullMarked;
