package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import io.deviceregistry.adapter.in.rest.Lines.Line;
import io.deviceregistry.application.port.in.ImportDevices.Upload;
import io.deviceregistry.domain.ImportRow;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * CSV as RFC 4180 has it, in UTF-8. The first line names the columns. Each row is one line: no value may have a line break,
 * so a quotation mark that is not closed spoils one row and not the rest of the file. An empty value is as good as none.
 */
final class CsvRows extends Rows {
    static final String MEDIA_TYPE = "text/csv";

    private static final Set<String> REQUIRED = Set.of("customer_id", "device_type", "device_token");

    /** An object has no column: its members are columns beside the others. */
    private static final String METADATA = "metadata";

    private static final ObjectReader CELLS = new CsvMapper().readerFor(String[].class);

    private static final String CARRIAGE_RETURN = "must not have a carriage return within: lines end with LF or CR LF";

    private final List<String> columns;
    private final RowReader reader;

    private CsvRows(Lines lines, List<String> columns, RowReader reader) {
        super(lines);
        this.columns = columns;
        this.reader = reader;
    }

    /**
     * Reads the first line.
     *
     * @throws InvalidRequestException if it does not name the columns
     */
    static CsvRows of(Lines lines, RowReader reader) throws IOException {
        Line first = lines.next();
        if (first instanceof Line.Text text && hasCarriageReturn(text)) {
            throw new InvalidRequestException(List.of(fault("has a first line that " + CARRIAGE_RETURN)));
        }
        List<String> columns = first instanceof Line.Text text ? cells(text) : null;
        if (columns == null) {
            throw new InvalidRequestException(List.of(fault("must begin with a line that names its columns")));
        }
        List<Fault> faults = faults(columns);
        if (!faults.isEmpty()) {
            throw new InvalidRequestException(faults);
        }
        return new CsvRows(lines, columns, reader);
    }

    private static Fault fault(String detail) {
        return Fault.at("", detail);
    }

    /** Columns are named by their number: where the line of names is missing, a token stands in its place. */
    private static List<Fault> faults(List<String> columns) {
        List<Fault> faults = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < columns.size(); i++) {
            String column = columns.get(i);
            if (!isKnown(column)) {
                faults.add(fault("names in column " + (i + 1) + " of its first line none that is known here"));
            } else if (!seen.add(column)) {
                faults.add(fault("names the column " + column + " twice"));
            }
        }
        REQUIRED.stream()
                .sorted()
                .filter(column -> !seen.contains(column))
                .forEach(column -> faults.add(fault("must have a column " + column + ", named in its first line")));
        return faults;
    }

    private static boolean isKnown(String column) {
        return DeviceReader.METADATA_MEMBERS.contains(column)
                || (RowReader.MEMBERS.contains(column) && !column.equals(METADATA));
    }

    /** The parser would take what is behind it for another row, and leave it out. */
    private static boolean hasCarriageReturn(Line.Text line) {
        return line.text().indexOf('\r') >= 0;
    }

    private static @Nullable List<String> cells(Line.Text line) {
        try {
            return List.of(CELLS.<String[]>readValue(line.text()));
        } catch (JsonProcessingException e) {
            // The parser's message quotes the text.
            return null;
        }
    }

    @Override
    void read(Line.Text line, Upload upload) {
        if (hasCarriageReturn(line)) {
            upload.fail(failure(line, CARRIAGE_RETURN));
            return;
        }
        List<String> cells = cells(line);
        if (cells == null) {
            upload.fail(failure(line, "is not CSV: a quotation mark is missing, or stands within a value by itself"));
        } else if (cells.size() != columns.size()) {
            upload.fail(failure(line, "must have " + columns.size() + " values"));
        } else {
            read(line, cells, upload);
        }
    }

    private void read(Line.Text line, List<String> cells, Upload upload) {
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        ObjectNode metadata = JsonNodeFactory.instance.objectNode();
        Faults faults = new Faults();
        for (int i = 0; i < cells.size(); i++) {
            String column = columns.get(i);
            if (cells.get(i).isEmpty()) {
                continue;
            }
            if (column.equals("extra")) {
                addExtra(metadata, cells.get(i), faults);
            } else {
                (DeviceReader.METADATA_MEMBERS.contains(column) ? metadata : row).put(column, cells.get(i));
            }
        }
        if (!metadata.isEmpty()) {
            row.set(METADATA, metadata);
        }
        Optional<ImportRow> read = reader.row(line.number(), row, faults);
        // The columns are not in an object, as the members are.
        read.ifPresentOrElse(
                upload::add, () -> upload.fail(failure(line, faults.asText().replace("/metadata/", "/"))));
    }

    private static void addExtra(ObjectNode metadata, String text, Faults faults) {
        try {
            metadata.set("extra", JsonBody.parsed(text));
        } catch (JsonProcessingException e) {
            faults.add(Fault.at("/extra", "must be a JSON object"));
        }
    }
}
