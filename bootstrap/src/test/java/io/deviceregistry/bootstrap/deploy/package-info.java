/** What operators install: the objects for Kubernetes, the alerts, and what comes with the package. */
@NullMarked
package io.deviceregistry.bootstrap.deploy;

import org.jspecify.annotations.NullMarked;
