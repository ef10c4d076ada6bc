package io.deviceregistry.adapter.in.rest;

/** So many requests wait for something to happen that one more must not. */
final class TooManyWaitingException extends RuntimeException {}
