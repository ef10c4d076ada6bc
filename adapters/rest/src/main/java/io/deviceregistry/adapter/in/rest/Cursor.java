package io.deviceregistry.adapter.in.rest;

import io.deviceregistry.application.port.out.ChangeCursor;
import io.deviceregistry.application.port.out.ParkedQuery;
import io.deviceregistry.domain.ApiKeyId;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.ImportId;
import io.deviceregistry.domain.InvalidValueException;
import io.deviceregistry.domain.ProviderId;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The position in a list, in a form that callers do not read and URLs can carry. */
final class Cursor {
    private static final String RULE = "must be a cursor that this list answered with";

    private static final int UUID_LENGTH = 36;
    private static final String DEVICE = "d";
    private static final String CUSTOMER = "c";

    private static final String PARKED = "p";
    private static final String API_KEY = "k";
    private static final String CHANGE = "f";

    private static final Pattern CHANGE_POSITION =
            Pattern.compile("(?<generation>[0-9a-f-]{36}):(?<transaction>[0-9]{1,18}):(?<sequence>[0-9]{1,18})");
    private static final String LINE = "l";
    private static final String IMPORT = "i";

    private Cursor() {}

    static String after(DeviceId device) {
        return encoded(DEVICE + device);
    }

    static String after(CustomerId customer) {
        return encoded(CUSTOMER + customer);
    }

    /** @throws InvalidValueException if the text is not a cursor of a list of devices */
    static DeviceId device(String cursor) {
        return DeviceId.parse(decoded(DEVICE, cursor));
    }

    /** @throws InvalidValueException if the text is not a cursor of a list of customers */
    static CustomerId customer(String cursor) {
        return new CustomerId(decoded(CUSTOMER, cursor));
    }

    static String after(ApiKeyId key) {
        return encoded(API_KEY + key);
    }

    /** @throws InvalidValueException if the text is not a cursor of a list of API keys */
    static ApiKeyId apiKey(String cursor) {
        return ApiKeyId.parse(decoded(API_KEY, cursor));
    }

    static String after(ParkedQuery.Position position) {
        return encoded(PARKED + position.device() + position.provider());
    }

    /** @throws InvalidValueException if the text is not a cursor of a list of parked devices */
    static ParkedQuery.Position parked(String cursor) {
        String position = decoded(PARKED, cursor);
        int end = Math.min(position.length(), UUID_LENGTH);
        return new ParkedQuery.Position(
                new ProviderId(position.substring(end)), DeviceId.parse(position.substring(0, end)));
    }

    static String after(ChangeCursor position) {
        return encoded(CHANGE + position.generation() + ":" + position.transaction() + ":" + position.sequence());
    }

    /** @throws InvalidValueException if the text is not a cursor of the changes */
    static ChangeCursor change(String cursor) {
        Matcher position = CHANGE_POSITION.matcher(decoded(CHANGE, cursor));
        if (!position.matches()) {
            throw new InvalidValueException(RULE);
        }
        return new ChangeCursor(
                DeviceId.parse(position.group("generation")).value(),
                Long.parseLong(position.group("transaction")),
                Long.parseLong(position.group("sequence")));
    }

    static String after(ImportId job) {
        return encoded(IMPORT + job);
    }

    /** @throws InvalidValueException if the text is not a cursor of a list of imports */
    static ImportId importJob(String cursor) {
        return ImportId.parse(decoded(IMPORT, cursor));
    }

    static String afterLine(long line) {
        return encoded(LINE + line);
    }

    /** @throws InvalidValueException if the text is not a cursor of a list of lines */
    static Long line(String cursor) {
        String line = decoded(LINE, cursor);
        if (!line.matches("[0-9]{1,18}")) {
            throw new InvalidValueException(RULE);
        }
        return Long.valueOf(line);
    }

    private static String encoded(String position) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(position.getBytes(StandardCharsets.US_ASCII));
    }

    private static String decoded(String kind, String cursor) {
        try {
            String position = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.US_ASCII);
            if (position.startsWith(kind)) {
                return position.substring(kind.length());
            }
        } catch (IllegalArgumentException e) {
            // Told below.
        }
        throw new InvalidValueException(RULE);
    }
}
