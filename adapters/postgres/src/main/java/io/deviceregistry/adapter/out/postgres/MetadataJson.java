package io.deviceregistry.adapter.out.postgres;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.deviceregistry.domain.DeviceMetadata;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Metadata as the {@code metadata} column holds it. Members may be added; what is absent reads as not known. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
record MetadataJson(
        @Nullable String appId,
        @Nullable String appVersion,
        @Nullable String osVersion,
        @Nullable String locale,
        @Nullable String timeZone,
        @Nullable Map<String, String> extra) {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    static String from(DeviceMetadata metadata) {
        try {
            return MAPPER.writeValueAsString(of(metadata));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Texts can always be written as JSON", e);
        }
    }

    static DeviceMetadata toDomain(String json) {
        try {
            return MAPPER.readValue(json, MetadataJson.class).toDomain();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The column metadata holds something else than metadata", e);
        }
    }

    static MetadataJson of(DeviceMetadata metadata) {
        return new MetadataJson(
                metadata.appId(),
                metadata.appVersion(),
                metadata.osVersion(),
                metadata.locale(),
                metadata.timeZone(),
                metadata.extra());
    }

    DeviceMetadata toDomain() {
        return new DeviceMetadata(
                appId, appVersion, osVersion, locale, timeZone, Objects.requireNonNullElse(extra, Map.of()));
    }
}
