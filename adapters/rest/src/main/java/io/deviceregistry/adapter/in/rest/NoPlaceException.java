package io.deviceregistry.adapter.in.rest;

/** A replica works on as many requests of this kind as it may have at once. */
final class NoPlaceException extends RuntimeException {}
