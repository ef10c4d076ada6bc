package io.deviceregistry.adapter.out.postgres;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** Names a key without telling anything of it. */
record KeyId(int value) {
    static final int BYTES = Integer.BYTES;

    static KeyId of(byte[] bytes) {
        return new KeyId(ByteBuffer.wrap(bytes).getInt());
    }

    byte[] bytes() {
        return ByteBuffer.allocate(BYTES).putInt(value).array();
    }

    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(value);
    }
}
