package io.deviceregistry.adapter.out.bunce;

import io.deviceregistry.domain.DeviceId;
import java.util.regex.Pattern;

/**
 * What takes the place of a retired device's token at Bunce: no push address, unlike any other, and marked for whoever
 * comes across it.
 */
final class Tombstone {
    private static final Pattern FORM = Pattern.compile("retired:[0-9a-f-]{36}");

    private Tombstone() {}

    static String of(DeviceId device) {
        return "retired:" + device;
    }

    static boolean isOne(String token) {
        return FORM.matcher(token).matches();
    }
}
