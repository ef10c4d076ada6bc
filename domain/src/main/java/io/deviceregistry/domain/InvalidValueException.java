package io.deviceregistry.domain;

/** A value that breaks the rules of its type. The message says the rule, not the value, which may be a secret. */
public final class InvalidValueException extends RegistryException {

    public InvalidValueException(String rule) {
        super(rule);
    }
}
