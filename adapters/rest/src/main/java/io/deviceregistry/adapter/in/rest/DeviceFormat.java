package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SequenceWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import io.deviceregistry.domain.Device;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;

/** How an export writes devices: one a line, so that an import can read them. */
final class DeviceFormat {
    private static final List<String> COLUMNS = List.of(
            "device_id",
            "customer_id",
            "device_type",
            "device_token",
            "status",
            "status_reason",
            "version",
            "registered_at",
            "last_seen_at",
            "app_id",
            "app_version",
            "os_version",
            "locale",
            "time_zone",
            "extra");

    private final String mediaType;
    private final String firstLine;
    private final ObjectWriter writer;
    private final Function<DeviceJson, Object> row;
    private final byte[] afterLast;

    private DeviceFormat(
            String mediaType,
            String firstLine,
            ObjectWriter writer,
            Function<DeviceJson, Object> row,
            String afterLast) {
        this.mediaType = mediaType;
        this.firstLine = firstLine;
        this.writer = writer.without(SerializationFeature.FLUSH_AFTER_WRITE_VALUE);
        this.row = row;
        this.afterLast = afterLast.getBytes(StandardCharsets.US_ASCII);
    }

    static DeviceFormat ndjson(ObjectMapper mapper) {
        return new DeviceFormat(
                NdjsonRows.MEDIA_TYPE,
                "",
                mapper.writerFor(DeviceJson.class).withRootValueSeparator("\n"),
                device -> device,
                "\n");
    }

    static DeviceFormat csv(ObjectMapper mapper) {
        return new DeviceFormat(
                CsvRows.MEDIA_TYPE,
                String.join(",", COLUMNS) + "\n",
                new CsvMapper().writerFor(String[].class),
                device -> cells(device, mapper),
                "");
    }

    String mediaType() {
        return mediaType;
    }

    /** What stands before the first device. */
    byte[] firstLine() {
        return firstLine.getBytes(StandardCharsets.US_ASCII);
    }

    /** Writes devices, each with the end of its line. */
    void write(List<Device> devices, OutputStream out) throws IOException {
        SequenceWriter lines = writer.writeValues(out);
        for (Device device : devices) {
            lines.write(row.apply(DeviceJson.from(device)));
        }
        lines.flush();
        if (!devices.isEmpty()) {
            out.write(afterLast);
        }
    }

    private static String[] cells(DeviceJson device, ObjectMapper mapper) {
        DeviceJson.Metadata metadata = device.metadata();
        return Stream.of(
                        device.deviceId().toString(),
                        device.customerId(),
                        device.deviceType(),
                        device.deviceToken(),
                        device.status().name(),
                        device.statusReason(),
                        String.valueOf(device.version()),
                        device.registeredAt().toString(),
                        device.lastSeenAt().toString(),
                        metadata.appId(),
                        metadata.appVersion(),
                        metadata.osVersion(),
                        metadata.locale(),
                        metadata.timeZone(),
                        metadata.extra().isEmpty() ? null : json(metadata.extra(), mapper))
                .map(value -> Objects.requireNonNullElse(value, ""))
                .toArray(String[]::new);
    }

    private static String json(Object value, ObjectMapper mapper) {
        try {
            return mapper.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Texts can always be written as JSON", e);
        }
    }
}
