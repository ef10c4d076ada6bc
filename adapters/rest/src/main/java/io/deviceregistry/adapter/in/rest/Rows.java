package io.deviceregistry.adapter.in.rest;

import io.deviceregistry.adapter.in.rest.Lines.Line;
import io.deviceregistry.application.port.in.ImportDevices.Upload;
import io.deviceregistry.domain.ImportFailure;
import java.io.IOException;

/** The rows of a file that is being imported: one a line. */
abstract class Rows {
    private final Lines lines;

    Rows(Lines lines) {
        this.lines = lines;
    }

    /** @return whether there was another line */
    final boolean readNext(Upload upload) throws IOException {
        Line line = lines.next();
        switch (line) {
            case null -> {}
            case Line.Unreadable(long number, String reason) -> upload.fail(new ImportFailure(number, reason));
            case Line.Text text when text.isBlank() -> {}
            case Line.Text text -> read(text, upload);
        }
        return line != null;
    }

    abstract void read(Line.Text line, Upload upload);

    static ImportFailure failure(Line line, String reason) {
        return new ImportFailure(line.number(), reason);
    }
}
