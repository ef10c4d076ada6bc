package io.deviceregistry.adapter.in.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.deviceregistry.application.port.in.ImportDevices.Upload;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceMetadata;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.DeviceTypes;
import io.deviceregistry.domain.ImportFailure;
import io.deviceregistry.domain.ImportId;
import io.deviceregistry.domain.ImportRow;
import io.deviceregistry.domain.Observation;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What lines of files are read as, and that exports are read as what they were made of. */
class RowsTest {
    private static final DeviceType ANDROID = new DeviceType("android");
    private static final CustomerId CUSTOMER = new CustomerId("0000");
    private static final DeviceToken TOKEN = new DeviceToken("874jwejfoiowef5974594");
    private static final String SECRET = "a-token-that-is-secret";
    private static final Instant THEN = Instant.parse("2026-03-01T12:00:00Z");

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .findAndAddModules()
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .build();

    private final RowReader reader = new RowReader(new DeviceReader(new DeviceTypes(List.of(ANDROID))));

    /** Keeps what it is given. */
    private static final class Kept implements Upload {
        private final List<ImportRow> rows = new ArrayList<>();
        private final List<ImportFailure> failures = new ArrayList<>();

        @Override
        public ImportId job() {
            return new ImportId(new UUID(0, 0));
        }

        @Override
        public void add(ImportRow row) {
            rows.add(row);
        }

        @Override
        public void fail(ImportFailure failure) {
            failures.add(failure);
        }

        @Override
        public void complete() {}

        @Override
        public void close() {}
    }

    private interface Format {
        Rows of(Lines lines, RowReader reader) throws IOException;
    }

    private Kept read(Format format, byte[] file) throws IOException {
        Kept kept = new Kept();
        Rows rows = format.of(new Lines(new ByteArrayInputStream(file)), reader);
        for (int lines = 0; rows.readNext(kept); lines++) {
            assertThat(lines).isLessThan(100);
        }
        return kept;
    }

    private Kept ndjson(String... lines) throws IOException {
        return read(NdjsonRows::new, String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
    }

    private Kept csv(String... lines) throws IOException {
        return read(CsvRows::of, String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
    }

    private static ImportRow row(long line, @Nullable DeviceMetadata metadata, Observation observed) {
        return new ImportRow(line, CUSTOMER, new DeviceRegistration(ANDROID, TOKEN, metadata, observed));
    }

    private static List<String> reasons(Kept kept) {
        assertThat(kept.rows).isEmpty();
        assertThat(kept.failures.toString()).doesNotContain(SECRET);
        return kept.failures.stream().map(ImportFailure::reason).toList();
    }

    @Test
    void a_line_of_ndjson_is_an_item_of_a_batch() throws IOException {
        Kept kept = ndjson("""
                {"customer_id":"0000","device_type":"Android","device_token":"874jwejfoiowef5974594"}""", "", """
                {"customer_id":"0000","device_type":"android","device_token":"874jwejfoiowef5974594",\
                "metadata":{"app_id":"shop","extra":{"plan":"gold"}},"observed_at":"2026-03-01T13:00:00+01:00"}\r""");

        assertThat(kept.rows)
                .containsExactly(
                        row(1, null, Observation.ON_ARRIVAL),
                        row(
                                3,
                                new DeviceMetadata("shop", null, null, null, null, Map.of("plan", "gold")),
                                new Observation(THEN)));
        assertThat(kept.failures).isEmpty();
    }

    @Test
    void a_row_of_csv_has_its_values_in_the_columns_that_the_first_line_names() throws IOException {
        Kept kept = csv(
                "device_token,customer_id,locale,extra,device_type,observed_at,app_id",
                "874jwejfoiowef5974594,0000,,,android,,",
                "\"874jwejfoiowef5974594\",0000,de-DE,\"{\"\"plan\"\":\"\"gold, \\\"\"\"\"}\",android,2026-03-01T12:00:00Z,\"a \"\"b\"\"\"");

        assertThat(kept.rows)
                .containsExactly(
                        row(2, null, Observation.ON_ARRIVAL),
                        row(
                                3,
                                new DeviceMetadata("a \"b\"", null, null, "de-DE", null, Map.of("plan", "gold, \"")),
                                new Observation(THEN)));
        assertThat(kept.failures).isEmpty();
    }

    @Test
    void lines_that_are_no_rows_are_told_with_the_reason_and_without_tokens() throws IOException {
        assertThat(reasons(ndjson("{\"device_token\":\"" + SECRET, "[]", "1", "{\"a\":1} x", "{\"a\":1,\"a\":2}")))
                .containsOnly("is not a JSON object")
                .hasSize(5);
        assertThat(reasons(ndjson("{\"device_token\":\"" + SECRET + " \",\"device_type\":\"sundial\"}")))
                .containsExactly("/customer_id is required; /device_type must be one of android; "
                        + "/device_token must not begin or end with white space");
        assertThat(reasons(ndjson("""
                {"customer_id":"0000","device_type":"android","device_token":"a-token-that-is-secret","a\\u0000\\ud800b":1}"""))).containsExactly("has a member that is not known here");
        assertThat(reasons(csv("customer_id,device_type,device_token", "0000,android", "0,android,\"" + SECRET)))
                .containsExactly(
                        "must have 3 values",
                        "is not CSV: a quotation mark is missing, or stands within a value by itself");
        assertThat(reasons(csv(
                        "customer_id,device_type,device_token,locale,extra",
                        "0000,sundial," + SECRET + "," + "x".repeat(65) + ",{",
                        "0000,android," + SECRET + ",,[]")))
                .containsExactly(
                        "/extra must be a JSON object; /device_type must be one of android; "
                                + "/locale must be 1 to 64 characters",
                        "/extra must be an object");
    }

    @Test
    void names_that_are_not_known_here_may_be_tokens_and_are_not_told() throws IOException {
        String row = """
                {"customer_id":"0000","device_type":"android","device_token":"t",%s}""";
        String known = "\"metadata\":{\"extra\":{\"" + SECRET + "\":%s}}";

        assertThat(reasons(ndjson("{\"customer_id\":\"0\",\"" + SECRET + "\":\"android\"}")))
                .containsExactly("has a member that is not known here; /device_type is required; "
                        + "/device_token is required");
        assertThat(reasons(ndjson(
                        row.formatted("\"" + SECRET + "\":1,\"metadata\":{\"" + SECRET + "\":1}"),
                        row.formatted(known.formatted("1")),
                        row.formatted(known.formatted("\"" + "x".repeat(257) + "\"")),
                        row.formatted(known.formatted("\"x\"").replace(SECRET, SECRET.repeat(3))))))
                .containsExactly(
                        "has a member that is not known here; /metadata has a member that is not known here",
                        "/metadata/extra has a member that must be a string",
                        "/metadata/extra has a member that must be 1 to 256 characters",
                        "/metadata/extra has a member that has a name that must be 1 to 64 characters");
        assertThat(reasons(csv(
                        "customer_id,device_type,device_token,extra",
                        "0000,android," + SECRET + ",\"{\"\"" + SECRET + "\"\":1}\"")))
                .containsExactly("/extra has a member that must be a string");
    }

    @Test
    void a_carriage_return_within_a_line_of_csv_hides_no_rows() throws IOException {
        String first = "customer_id,device_type,device_token";
        String row = "0000,android," + SECRET;

        assertThatExceptionOfType(InvalidRequestException.class)
                .isThrownBy(() -> csv(first + "\r" + row + "\r" + row))
                .satisfies(e -> assertThat(e.problem().toString()).contains("carriage return"));
        assertThat(csv(first, row + "\r" + row, "0000,android,\"a\rb\"", row + "\r\r").failures)
                .containsExactly(
                        new ImportFailure(2, "must not have a carriage return within: lines end with LF or CR LF"),
                        new ImportFailure(3, "must not have a carriage return within: lines end with LF or CR LF"),
                        new ImportFailure(4, "must not have a carriage return within: lines end with LF or CR LF"));
        assertThat(csv(first + "\r", row + "\r", "\r").rows).hasSize(1);
    }

    @Test
    void a_time_that_is_none_is_told_where_the_file_has_it() throws IOException {
        String row = """
                {"customer_id":"0000","device_type":"android","device_token":"t",%s}""";

        assertThat(reasons(ndjson(row.formatted("\"last_seen_at\":\"today\""))).getFirst())
                .startsWith("/last_seen_at must be a time");
        assertThat(reasons(ndjson(row.formatted("\"last_seen_at\":1"))))
                .containsExactly("/last_seen_at must be a string");
        assertThat(reasons(ndjson(row.formatted("\"observed_at\":\"today\",\"last_seen_at\":\"x\"")))
                        .getFirst())
                .startsWith("/observed_at must be a time");
    }

    @Test
    void csv_without_a_proper_first_line_is_refused_as_a_whole_and_without_tokens() {
        for (Map.Entry<String, String> file : Map.of(
                        "",
                        "must begin with a line",
                        "customer_id,device_type",
                        "must have a column device_token",
                        "customer_id,device_type,device_token,colour",
                        "names in column 4 of its first line none that is known here",
                        "customer_id,device_type,device_token,customer_id",
                        "names the column customer_id twice",
                        "0000,android," + SECRET,
                        "names in column 3")
                .entrySet()) {
            assertThatExceptionOfType(InvalidRequestException.class)
                    .isThrownBy(() -> csv(file.getKey()))
                    .satisfies(e -> assertThat(e.problem().toString())
                            .contains(file.getValue())
                            .doesNotContain(SECRET));
        }
    }

    @Test
    void only_active_devices_can_be_imported() throws IOException {
        String row = """
                {"customer_id":"0000","device_type":"android","device_token":"t","status":"%s"}""";

        assertThat(ndjson(row.formatted("ACTIVE")).rows).hasSize(1);
        assertThat(reasons(ndjson(row.formatted("INVALID"))))
                .containsExactly("/status must be ACTIVE: no other devices can be imported");
    }

    @Test
    void what_is_exported_can_be_imported_as_seen_when_it_was() throws IOException {
        List<DeviceMetadata> metadata = List.of(
                DeviceMetadata.NONE,
                new DeviceMetadata("a,b", "\"1\"", " 2 ", "de-DE", "Europe/Berlin", Map.of("k,\"", "漢字 😀 '\\")));
        for (DeviceMetadata one : metadata) {
            DeviceRegistration registration = new DeviceRegistration(
                    ANDROID, new DeviceToken("t,\"'\\{}漢字😀" + "x".repeat(4_000)), one, new Observation(THEN));
            Device device =
                    Device.registered(new DeviceId(UUID.randomUUID()), CUSTOMER, registration, THEN.plusSeconds(60));
            for (Function<ObjectMapper, DeviceFormat> format :
                    List.<Function<ObjectMapper, DeviceFormat>>of(DeviceFormat::ndjson, DeviceFormat::csv)) {
                DeviceFormat written = format.apply(MAPPER);
                ByteArrayOutputStream file = new ByteArrayOutputStream();
                file.write(written.firstLine());
                written.write(List.of(device, device), file);
                written.write(List.of(), file);
                written.write(List.of(device), file);

                boolean csv = written.mediaType().equals(CsvRows.MEDIA_TYPE);
                Kept kept = read(csv ? CsvRows::of : NdjsonRows::new, file.toByteArray());

                assertThat(kept.failures).isEmpty();
                assertThat(kept.rows).hasSize(3).allSatisfy(row -> {
                    assertThat(row.customer()).isEqualTo(CUSTOMER);
                    assertThat(row.device().token()).isEqualTo(registration.token());
                    assertThat(row.device().observed()).isEqualTo(registration.observed());
                    assertThat(row.device().metadata()).isIn(one, one.equals(DeviceMetadata.NONE) ? null : one);
                });
            }
        }
    }
}
