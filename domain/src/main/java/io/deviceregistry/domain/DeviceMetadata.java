package io.deviceregistry.domain;

import io.deviceregistry.domain.InvalidMembersException.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the app told about itself and the device it runs on. No provider sees it. Lengths are in UTF-16 units, of which an
 * emoji has two.
 *
 * @param appId the application's id, up to 256 characters
 * @param appVersion up to 64 characters
 * @param osVersion up to 64 characters
 * @param locale a BCP 47 tag by intention, stored as given, up to 64 characters
 * @param timeZone an IANA name by intention, stored as given, up to 64 characters
 * @param extra at most 20 entries; keys up to 64 characters, values up to 256
 */
public record DeviceMetadata(
        @Nullable String appId,
        @Nullable String appVersion,
        @Nullable String osVersion,
        @Nullable String locale,
        @Nullable String timeZone,
        Map<String, String> extra) {
    public static final int MAX_EXTRA_ENTRIES = 20;
    public static final DeviceMetadata NONE = new DeviceMetadata(null, null, null, null, null, Map.of());

    /** @throws InvalidMembersException naming every part that is too long or not plain text */
    public DeviceMetadata {
        List<Violation> violations = new ArrayList<>();
        Text.check(violations, appId, 256, "app_id");
        Text.check(violations, appVersion, 64, "app_version");
        Text.check(violations, osVersion, 64, "os_version");
        Text.check(violations, locale, 64, "locale");
        Text.check(violations, timeZone, 64, "time_zone");
        if (extra.size() > MAX_EXTRA_ENTRIES) {
            violations.add(new Violation(List.of("extra"), "must have at most " + MAX_EXTRA_ENTRIES + " members"));
        }
        extra.forEach((key, value) -> {
            Text.ruleBrokenBy(key, 64)
                    .ifPresent(rule -> violations.add(new Violation(List.of("extra", key), "has a name that " + rule)));
            Text.check(violations, value, 256, "extra", key);
        });
        if (!violations.isEmpty()) {
            throw new InvalidMembersException(violations);
        }
        extra = Map.copyOf(extra);
    }
}
