package io.deviceregistry.adapter.in.rest;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.BooleanSupplier;

/** Ends with {@link StoppedException} when it is told to: at each read, so that nothing has to come that is a line. */
final class StoppableStream extends FilterInputStream {
    private final BooleanSupplier toStop;

    StoppableStream(InputStream in, BooleanSupplier toStop) {
        super(in);
        this.toStop = toStop;
    }

    static final class StoppedException extends IOException {}

    @Override
    public int read() throws IOException {
        throwIfToStop();
        return super.read();
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        throwIfToStop();
        return super.read(buffer, offset, length);
    }

    private void throwIfToStop() throws StoppedException {
        if (toStop.getAsBoolean()) {
            throw new StoppedException();
        }
    }
}
