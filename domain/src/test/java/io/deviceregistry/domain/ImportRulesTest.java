package io.deviceregistry.domain;

import static io.deviceregistry.domain.Examples.CUSTOMER;
import static io.deviceregistry.domain.Examples.IOS;
import static io.deviceregistry.domain.Examples.METADATA;
import static io.deviceregistry.domain.Examples.NOW;
import static io.deviceregistry.domain.Examples.TOKEN;
import static io.deviceregistry.domain.Examples.aDevice;
import static io.deviceregistry.domain.Examples.android;
import static io.deviceregistry.domain.Examples.minute;
import static io.deviceregistry.domain.Examples.observedAt;
import static io.deviceregistry.domain.Examples.removed;
import static io.deviceregistry.domain.RegistryBuilder.LIMIT;
import static io.deviceregistry.domain.RegistryBuilder.registryOf;
import static io.deviceregistry.domain.RegistryBuilder.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.domain.ImportJob.State;
import io.deviceregistry.domain.Registration.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is particular to devices that come from a record, and how far such an import is. */
class ImportRulesTest {

    @Test
    void a_record_without_a_time_is_no_sign_of_life_of_a_device_that_is_as_it_says() {
        Device device = aDevice();
        Registry registry = registryOf(device);

        Registration brought = registry.bringIn(CUSTOMER, android(TOKEN), LIMIT);

        assertThat(brought).isEqualTo(new Registration(device, Outcome.EXISTING));
        assertThat(registry.changedDevices()).isEmpty();
    }

    @Test
    void a_record_with_a_time_is_one() {
        Registry registry = registryOf(aDevice());

        Registration brought = registry.bringIn(CUSTOMER, android(TOKEN, observedAt(30)), LIMIT);

        assertThat(brought.device().lastSeenAt()).isEqualTo(minute(30));
    }

    @Test
    void a_record_that_says_something_new_is_a_registration() {
        assertThat(with().build().bringIn(CUSTOMER, android(TOKEN), LIMIT).outcome())
                .isEqualTo(Outcome.CREATED);
        assertThat(registryOf(aDevice())
                        .bringIn(CUSTOMER, new DeviceRegistration(IOS, TOKEN, null), LIMIT)
                        .outcome())
                .isEqualTo(Outcome.CHANGED);
        assertThat(registryOf(aDevice())
                        .bringIn(CUSTOMER, new DeviceRegistration(android(TOKEN).type(), TOKEN, METADATA), LIMIT)
                        .device()
                        .metadata())
                .isEqualTo(METADATA);
    }

    @Test
    void a_record_without_a_time_does_not_bring_back_what_was_removed_since() {
        Device removed = removed(aDevice(), 10);
        Registry registry = registryOf(removed);

        assertThat(registry.bringIn(CUSTOMER, android(TOKEN), LIMIT))
                .isEqualTo(new Registration(removed, Outcome.EXISTING));
        assertThat(registry.changedDevices()).isEmpty();
        assertThat(registryOf(removed)
                        .bringIn(CUSTOMER, android(TOKEN, observedAt(30)), LIMIT)
                        .outcome())
                .isEqualTo(Outcome.REACTIVATED);
    }

    private static ImportJob job(State state, long read, long done, @Nullable Instant finishedAt) {
        return new ImportJob(
                new ImportId(UUID.randomUUID()),
                Caller.REGISTRY,
                false,
                state,
                read,
                done,
                done,
                0,
                0,
                NOW,
                finishedAt,
                NOW.plusSeconds(10));
    }

    @Test
    void an_import_tells_its_pace_and_once_it_knows_its_length_how_long_it_will_take() {
        ImportJob running = job(State.RUNNING, 400, 100, null);

        assertThat(running.rowsPerSecond()).isEqualTo(10);
        assertThat(running.timeLeft()).contains(Duration.ofSeconds(30));
        assertThat(job(State.RECEIVING, 400, 100, null).timeLeft()).isEmpty();
        assertThat(job(State.RUNNING, 400, 0, null).timeLeft()).isEmpty();
    }

    @Test
    void an_import_that_is_done_has_the_pace_that_it_had() {
        ImportJob finished = job(State.FINISHED, 100, 100, NOW.plusSeconds(5));

        assertThat(finished.rowsPerSecond()).isEqualTo(20);
        assertThat(finished.timeLeft()).isEmpty();
        assertThat(job(State.FINISHED, 0, 0, NOW).rowsPerSecond()).isZero();
    }
}
