package io.deviceregistry.application.port.out;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a list. Whoever asks for what comes after {@code next} goes on where this page ended: rows that were added
 * or removed meanwhile make none of the others appear twice or not at all.
 *
 * @param next the position of the last row that was looked at; null if there is nothing after it
 */
public record Page<T, P>(List<T> items, @Nullable P next) {
    public Page {
        items = List.copyOf(items);
    }
}
