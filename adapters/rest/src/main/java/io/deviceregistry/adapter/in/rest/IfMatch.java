package io.deviceregistry.adapter.in.rest;

import io.deviceregistry.domain.InvalidValueException;
import io.deviceregistry.domain.Precondition;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the header {@code If-Match} (RFC 9110, 13.1.1), whose entity tags are versions of devices. */
final class IfMatch {
    static final String HEADER = "If-Match";

    private static final Pattern TAG = Pattern.compile("(W/)?\"([^\"]*)\"");
    private static final Pattern TAGS = Pattern.compile("\\s*" + TAG + "(\\s*,\\s*" + TAG + ")*\\s*");
    private static final Pattern VERSION = Pattern.compile("[1-9][0-9]{0,17}");

    private IfMatch() {}

    static String tag(long version) {
        return "\"" + version + "\"";
    }

    /** A weak tag matches nothing, as the comparison is a strong one. */
    static Precondition parse(String header) {
        if (header.strip().equals("*")) {
            return Precondition.NONE;
        }
        if (!TAGS.matcher(header).matches()) {
            throw new InvalidValueException("must be * or entity tags in quotes");
        }
        Set<Long> versions = new HashSet<>();
        Matcher tags = TAG.matcher(header);
        while (tags.find()) {
            if (tags.group(1) == null && VERSION.matcher(tags.group(2)).matches()) {
                versions.add(Long.valueOf(tags.group(2)));
            }
        }
        return new Precondition(versions);
    }
}
