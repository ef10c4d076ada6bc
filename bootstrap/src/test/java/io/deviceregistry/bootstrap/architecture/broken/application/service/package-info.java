@NullMarked
package io.deviceregistry.bootstrap.architecture.broken.application.service;

import org.jspecify.annotations.NullMarked;
