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
import java.util.function.Function;
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
    private static final Pattern LINE_NUMBER = Pattern.compile("[0-9]{1,18}");
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
        return position(DEVICE, cursor, DeviceId::parse);
    }

    /** @throws InvalidValueException if the text is not a cursor of a list of customers */
    static CustomerId customer(String cursor) {
        return position(CUSTOMER, cursor, CustomerId::new);
    }

    static String after(ApiKeyId key) {
        return encoded(API_KEY + key);
    }

    /** @throws InvalidValueException if the text is not a cursor of a list of API keys */
    static ApiKeyId apiKey(String cursor) {
        return position(API_KEY, cursor, ApiKeyId::parse);
    }

    static String after(ParkedQuery.Position position) {
        return encoded(PARKED + position.device() + position.provider());
    }

    /** @throws InvalidValueException if the text is not a cursor of a list of parked devices */
    static ParkedQuery.Position parked(String cursor) {
        return position(PARKED, cursor, text -> {
            int end = Math.min(text.length(), UUID_LENGTH);
            return new ParkedQuery.Position(
                    new ProviderId(text.substring(end)), DeviceId.parse(text.substring(0, end)));
        });
    }

    static String after(ChangeCursor position) {
        return encoded(CHANGE + position.generation() + ":" + position.transaction() + ":" + position.sequence());
    }

    /** @throws InvalidValueException if the text is not a cursor of the changes */
    static ChangeCursor change(String cursor) {
        return position(CHANGE, cursor, text -> {
            Matcher parts = matched(CHANGE_POSITION, text);
            return new ChangeCursor(
                    DeviceId.parse(parts.group("generation")).value(),
                    Long.parseLong(parts.group("transaction")),
                    Long.parseLong(parts.group("sequence")));
        });
    }

    static String after(ImportId job) {
        return encoded(IMPORT + job);
    }

    /** @throws InvalidValueException if the text is not a cursor of a list of imports */
    static ImportId importJob(String cursor) {
        return position(IMPORT, cursor, ImportId::parse);
    }

    static String afterLine(long line) {
        return encoded(LINE + line);
    }

    /** @throws InvalidValueException if the text is not a cursor of a list of lines */
    static Long line(String cursor) {
        return position(
                LINE, cursor, text -> Long.valueOf(matched(LINE_NUMBER, text).group()));
    }

    private static String encoded(String position) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(position.getBytes(StandardCharsets.US_ASCII));
    }

    private static Matcher matched(Pattern form, String text) {
        Matcher parts = form.matcher(text);
        if (!parts.matches()) {
            throw new InvalidValueException(RULE);
        }
        return parts;
    }

    /**
     * @param parsed throws an {@link IllegalArgumentException} or an {@link InvalidValueException} if the text is no position
     */
    private static <T> T position(String kind, String cursor, Function<String, T> parsed) {
        try {
            String text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.US_ASCII);
            if (text.startsWith(kind)) {
                return parsed.apply(text.substring(kind.length()));
            }
        } catch (IllegalArgumentException | InvalidValueException e) {
            // Told below: callers know cursors as a whole only.
        }
        throw new InvalidValueException(RULE);
    }
}
