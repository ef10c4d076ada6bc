@NullMarked
package io.deviceregistry.adapter.in.rest;

import org.jspecify.annotations.NullMarked;
