package io.deviceregistry.application.service;

import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.SyncTask;
import io.deviceregistry.application.port.out.Traces;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What leads from a change to the round that tells of it. */
class TracesTest {
    private final SyncScene scene = new SyncScene();
    private final List<String> followed = new ArrayList<>();

    private final Traces traces = new Traces() {
        @Override
        public @Nullable String current() {
            return "the request";
        }

        @Override
        public <T> T following(SyncLease lease, Supplier<T> work) {
            lease.tasks().stream().map(SyncTask::origin).forEach(followed::add);
            followed.add(scene.provider.calls().size() + " calls before");
            T result = work.get();
            followed.add(scene.provider.calls().size() + " calls after");
            return result;
        }
    };

    @Test
    void given_a_change_that_is_followed_when_synced_then_the_whole_round_follows_it() {
        DeviceRegistration device = android(aToken());
        new RegistryWriter(scene.registry, List.of(scene.provider), () -> {}, traces)
                .change(
                        Examples.CALLER,
                        Scope.EMPTY.withRegistrations(scene.customer, List.of(device)),
                        registry -> registry.register(scene.customer, device, Examples.MANY));

        new SyncEngine(List.of(scene.provider), scene.registry, scene.gate, SyncScene.SETTINGS, Chance.LOWEST, traces)
                .syncNext(scene.provider.id());

        assertThat(followed).containsExactly("the request", "0 calls before", "1 calls after");
    }
}
