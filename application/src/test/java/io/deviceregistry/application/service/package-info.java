@NullMarked
package io.deviceregistry.application.service;

import org.jspecify.annotations.NullMarked;
