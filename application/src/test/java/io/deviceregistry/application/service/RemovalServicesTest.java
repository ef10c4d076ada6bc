package io.deviceregistry.application.service;

import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.domain.Observation.ON_ARRIVAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.deviceregistry.application.port.in.RemoveDevice;
import io.deviceregistry.application.port.in.ReportInvalidDevices;
import io.deviceregistry.application.port.in.ReportInvalidDevices.Report;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.InvalidReason;
import io.deviceregistry.domain.Precondition;
import io.deviceregistry.domain.Registry.ReportOutcome;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class RemovalServicesTest {
    private final ServiceScene scene = new ServiceScene();
    private final RemoveDevice remove = new RemoveDeviceService(scene.writer);
    private final ReportInvalidDevices report = new ReportInvalidDevicesService(scene.writer);

    @Test
    void a_device_is_removed_by_its_id_or_its_token_and_providers_are_to_be_told() {
        Device one = scene.registered(scene.customer, android(aToken()));
        Device other = scene.registered(scene.customer, android(aToken()));

        remove.remove(Examples.CALLER, scene.customer, one.id(), Precondition.NONE);
        remove.remove(Examples.CALLER, scene.customer, other.token(), ON_ARRIVAL);

        assertThat(scene.devicesOf(scene.customer, DeviceStatus.REMOVED))
                .extracting(Device::id)
                .containsExactly(one.id(), other.id());
        assertThat(scene.wakeUps).isEqualTo(4);
    }

    @Test
    void a_logout_removes_nobody_elses_device() {
        Device device = scene.registered(scene.customer, android(aToken()));

        remove.remove(Examples.CALLER, aCustomer(), device.token(), ON_ARRIVAL);

        assertThat(scene.devicesOf(scene.customer)).containsExactly(device);
    }

    @Test
    void each_report_is_answered_in_its_place() {
        Device seenLongAgo = scene.registered(scene.customer, android(aToken()));
        scene.clock.advance(Duration.ofHours(1));
        Device seenJustNow = scene.registered(scene.customer, android(aToken()));
        InvalidReason reason = new InvalidReason("UNREGISTERED");

        List<ReportOutcome> outcomes = report.report(
                Examples.CALLER,
                List.of(
                        new Report(seenJustNow.token(), reason, ON_ARRIVAL),
                        new Report(aToken(), reason, ON_ARRIVAL),
                        new Report(seenLongAgo.token(), reason, ON_ARRIVAL)));

        assertThat(outcomes).containsExactly(ReportOutcome.IGNORED, ReportOutcome.UNKNOWN, ReportOutcome.INVALIDATED);
        assertThat(scene.devicesOf(scene.customer, DeviceStatus.INVALID))
                .extracting(Device::invalidReason)
                .containsExactly(reason);
    }

    @Test
    void more_reports_than_a_transaction_may_lock_are_refused() {
        DeviceToken token = aToken();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> report.report(
                        Examples.CALLER,
                        Collections.nCopies(
                                ReportInvalidDevices.MAX_REPORTS + 1,
                                new Report(token, InvalidReason.REPORTED, ON_ARRIVAL))));
    }
}
