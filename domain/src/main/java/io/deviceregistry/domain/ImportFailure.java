package io.deviceregistry.domain;

/**
 * A line of an imported file that was not stored.
 *
 * @param line from 1 on
 * @param reason what is wrong with it; never the value of a token
 */
public record ImportFailure(long line, String reason) {}
