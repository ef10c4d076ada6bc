package io.deviceregistry.adapter.out.postgres;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.deviceregistry.application.port.out.ImportChunk;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.ImportFailure;
import io.deviceregistry.domain.ImportRow;
import io.deviceregistry.domain.Observation;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/** A chunk as it waits, before it is encrypted: deflated JSON. Members may be added. */
record ImportChunkJson(int read, List<Row> rows, List<Failure> failures) {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
            // While an upgrade is under way, a later version may have written it.
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private static final ObjectReader READER = MAPPER.readerFor(ImportChunkJson.class);
    private static final ObjectWriter WRITER = MAPPER.writerFor(ImportChunkJson.class);

    /** @param observedMicros since 1970; null for a row that does not say when it was true */
    record Row(
            long line,
            String customer,
            String type,
            String token,
            @Nullable MetadataJson metadata,
            @Nullable Long observedMicros) {

        static Row from(ImportRow row) {
            DeviceRegistration device = row.device();
            Instant observed = device.observed().at();
            return new Row(
                    row.line(),
                    row.customer().value(),
                    device.type().value(),
                    device.token().value(),
                    device.metadata() == null ? null : MetadataJson.of(device.metadata()),
                    observed == null ? null : ChronoUnit.MICROS.between(Instant.EPOCH, observed));
        }

        ImportRow toDomain() {
            return new ImportRow(
                    line,
                    new CustomerId(customer),
                    new DeviceRegistration(
                            new DeviceType(type),
                            new DeviceToken(token),
                            metadata == null ? null : metadata.toDomain(),
                            observedMicros == null
                                    ? Observation.ON_ARRIVAL
                                    : new Observation(Instant.EPOCH.plus(observedMicros, ChronoUnit.MICROS))));
        }
    }

    record Failure(long line, String reason) {}

    static byte[] write(ImportChunk chunk) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Deflater fast = new Deflater(Deflater.BEST_SPEED);
        try (DeflaterOutputStream deflated = new DeflaterOutputStream(bytes, fast)) {
            WRITER.writeValue(
                    deflated,
                    new ImportChunkJson(
                            chunk.read(),
                            chunk.rows().stream().map(Row::from).toList(),
                            chunk.failures().stream()
                                    .map(failure -> new Failure(failure.line(), failure.reason()))
                                    .toList()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            fast.end();
        }
        return bytes.toByteArray();
    }

    static ImportChunk read(byte[] deflated) {
        try (InflaterInputStream json = new InflaterInputStream(new ByteArrayInputStream(deflated))) {
            ImportChunkJson read = READER.readValue(json);
            return new ImportChunk(
                    read.read,
                    read.rows.stream().map(Row::toDomain).toList(),
                    read.failures.stream()
                            .map(failure -> new ImportFailure(failure.line, failure.reason))
                            .toList());
        } catch (IOException e) {
            throw new UncheckedIOException("A part of an import is something else", e);
        }
    }
}
