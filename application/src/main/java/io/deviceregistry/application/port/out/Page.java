package io.deviceregistry.application.port.out;

import java.util.List;
import java.util.function.Function;
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

    /**
     * A page of what was found when one more than the limit was asked for, by which it is known whether there is more.
     *
     * @param position of a row in the list
     */
    public static <T, P> Page<T, P> of(List<T> found, int limit, Function<T, P> position) {
        if (found.size() <= limit) {
            return new Page<>(found, null);
        }
        List<T> page = found.subList(0, limit);
        return new Page<>(page, position.apply(page.getLast()));
    }
}
