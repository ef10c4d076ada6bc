package io.deviceregistry.application.service;

import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.domain.DeviceToken;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Makes a provider's words safe and short enough to keep: providers like to quote the token that they refuse. */
final class Masking {
    private static final int MAX_LENGTH = 500;

    private final List<DeviceToken> tokens;

    private Masking(List<DeviceToken> tokens) {
        this.tokens = tokens;
    }

    static Masking ofTokensIn(SyncLease lease) {
        return new Masking(lease.tasks().stream()
                .flatMap(task -> Stream.of(
                        task.device().token(),
                        task.holding() == null ? null : task.holding().token()))
                .filter(Objects::nonNull)
                .distinct()
                // A token may be part of another one, whose rest would stay readable.
                .sorted(Comparator.comparingInt(
                                (DeviceToken token) -> token.value().length())
                        .reversed())
                .toList());
    }

    String mask(String words) {
        String masked = words;
        for (DeviceToken token : tokens) {
            masked = masked.replace(token.value(), token.toString());
        }
        return masked.length() <= MAX_LENGTH ? masked : masked.substring(0, MAX_LENGTH);
    }
}
