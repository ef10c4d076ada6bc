package io.deviceregistry.application.port.in;

import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.InvalidReason;
import io.deviceregistry.domain.Observation;
import io.deviceregistry.domain.Registry.ReportOutcome;
import java.util.List;

/** Takes the word of those who send pushes that some do not arrive. */
public interface ReportInvalidDevices {

    /** The most reports that one call takes: each needs a lock until its transaction ends. */
    int MAX_REPORTS = 100;

    record Report(DeviceToken token, InvalidReason reason, Observation observed) {}

    /**
     * Makes devices invalid, in one transaction. A report that is older than what is known of the device, or not later
     * than its last sign of life by more than the interval to which that is known, is ignored.
     *
     * @param reports at most {@link #MAX_REPORTS}
     * @return one outcome per report, in the order of the reports
     * @throws StoreUnavailableException as {@link RegisterDevices} does
     */
    List<ReportOutcome> report(Caller by, List<Report> reports);
}
