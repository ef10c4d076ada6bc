package io.deviceregistry.application.port.out;

/** A request that takes effect once, however often it is repeated. */
public final class IdempotentRequest {
    private final RequestKey key;
    private final byte[] content;

    /** @param content tells the request from others with the same key; nobody writes to it */
    public IdempotentRequest(RequestKey key, byte[] content) {
        this.key = key;
        this.content = content;
    }

    public RequestKey key() {
        return key;
    }

    public byte[] content() {
        return content;
    }
}
