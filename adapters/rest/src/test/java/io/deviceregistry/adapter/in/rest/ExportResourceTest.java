package io.deviceregistry.adapter.in.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonGenerationException;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.deviceregistry.application.port.in.FindDevices;
import io.deviceregistry.application.port.in.ReadChanges;
import io.deviceregistry.application.port.out.Page;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ExportResourceTest {
    private final ExportResource exports = new ExportResource(
            silent(FindDevices.class), silent(ReadChanges.class), new ObjectMapper(), configuration());
    private final AtomicInteger breaks = new AtomicInteger();

    private static <T> T silent(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (_, method, _) -> {
            throw new UnsupportedOperationException(method.getName());
        }));
    }

    private static AccessConfig configuration() {
        return (AccessConfig) Proxy.newProxyInstance(
                AccessConfig.class.getClassLoader(), new Class<?>[] {AccessConfig.class}, (_, _, _) -> 100);
    }

    private void export(OutputStream out) {
        exports.write(
                new Page<>(List.of(), null),
                Set.of(),
                DeviceFormat.csv(new ObjectMapper()),
                out,
                breaks::incrementAndGet);
    }

    @Test
    void an_export_breaks_off_whatever_keeps_it_from_being_whole() {
        List<IOException> failures = List.of(
                new IOException("reset by peer"),
                new InterruptedIOException("on purpose"),
                new JsonGenerationException("on purpose", (JsonGenerator) null));
        for (IOException failure : failures) {
            breaks.set(0);
            export(new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                    throw failure;
                }
            });

            assertThat(breaks).as(failure.toString()).hasValue(1);
        }
    }

    @Test
    void a_whole_export_ends_as_it_should() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        export(out);

        assertThat(out.toString(StandardCharsets.US_ASCII)).startsWith("device_id,");
        assertThat(breaks).hasValue(0);
    }
}
