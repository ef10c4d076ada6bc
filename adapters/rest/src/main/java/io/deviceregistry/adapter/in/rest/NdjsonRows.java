package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.deviceregistry.adapter.in.rest.Lines.Line;
import io.deviceregistry.application.port.in.ImportDevices.Upload;
import io.deviceregistry.domain.ImportRow;
import java.util.Optional;

/** Each line is an object. */
final class NdjsonRows extends Rows {
    static final String MEDIA_TYPE = "application/x-ndjson";

    private final RowReader reader;

    NdjsonRows(Lines lines, RowReader reader) {
        super(lines);
        this.reader = reader;
    }

    @Override
    void read(Line.Text line, Upload upload) {
        if (!(parsed(line.text()) instanceof ObjectNode object)) {
            upload.fail(failure(line, "is not a JSON object"));
            return;
        }
        Faults faults = new Faults();
        Optional<ImportRow> row = reader.row(line.number(), object, faults);
        row.ifPresentOrElse(upload::add, () -> upload.fail(failure(line, faults.asText())));
    }

    private static JsonNode parsed(String text) {
        try {
            return JsonBody.parsed(text);
        } catch (JsonProcessingException e) {
            // The parser's message quotes the text.
            return MissingNode.getInstance();
        }
    }
}
