package io.deviceregistry.domain;

import static io.deviceregistry.domain.Examples.CUSTOMER;
import static io.deviceregistry.domain.Examples.OTHER_TOKEN;
import static io.deviceregistry.domain.Examples.aDevice;
import static io.deviceregistry.domain.Examples.android;
import static io.deviceregistry.domain.Examples.invalid;
import static io.deviceregistry.domain.Examples.ios;
import static io.deviceregistry.domain.Examples.minute;
import static io.deviceregistry.domain.Examples.observedAt;
import static io.deviceregistry.domain.Examples.removed;
import static io.deviceregistry.domain.Examples.rotationTo;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.domain.Registry.Change;
import org.junit.jupiter.api.Test;

/** What each new version of a device is about. */
class ChangeKindTest {
    private final Device active = aDevice();

    private static Device again(Device device, DeviceRegistration registration) {
        return device.registeredAgain(registration, minute(90));
    }

    @Test
    void a_new_device_is_registered() {
        assertThat(new Change(null, active).kind()).contains(ChangeKind.REGISTERED);
    }

    @Test
    void a_device_that_is_new_but_late_is_removed() {
        Device late = Device.superseded(active.id(), CUSTOMER, android(OTHER_TOKEN, observedAt(0)), minute(60));

        assertThat(new Change(null, late).kind()).contains(ChangeKind.REMOVED);
    }

    @Test
    void another_token_or_type_is_a_change() {
        assertThat(new Change(active, active.changed(rotationTo(OTHER_TOKEN), minute(60))).kind())
                .contains(ChangeKind.CHANGED);
        assertThat(new Change(active, again(active, ios(active.token()))).kind())
                .contains(ChangeKind.CHANGED);
    }

    @Test
    void a_device_that_is_only_seen_again_has_no_new_version() {
        Change refresh = new Change(active, again(active, android(active.token())));

        assertThat(refresh.after()).isNotEqualTo(active);
        assertThat(refresh.kind()).isEmpty();
    }

    @Test
    void a_device_ends_and_comes_back() {
        Device dead = invalid(active, 60);
        Device gone = removed(dead, 61);

        assertThat(new Change(active, dead).kind()).contains(ChangeKind.INVALIDATED);
        assertThat(new Change(dead, gone).kind()).contains(ChangeKind.REMOVED);
        assertThat(new Change(gone, again(gone, android(gone.token()))).kind()).contains(ChangeKind.REACTIVATED);
        assertThat(new Change(dead, again(dead, android(dead.token()))).kind()).contains(ChangeKind.REACTIVATED);
    }

    @Test
    void a_change_of_an_invalid_device_does_not_invalidate_it_again() {
        Device dead = invalid(active, 60);
        DeviceUpdate describing = new DeviceUpdate(null, null, Examples.METADATA, Observation.ON_ARRIVAL);

        assertThat(new Change(dead, dead.changed(describing, minute(61))).kind())
                .contains(ChangeKind.CHANGED);
    }
}
