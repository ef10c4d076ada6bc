package io.deviceregistry.application.service;

import io.deviceregistry.application.port.in.ReportInvalidDevices;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.Registry.ReportOutcome;
import io.deviceregistry.domain.Scope;
import java.util.List;

/** Looks up who holds each reported token. */
public final class ReportInvalidDevicesService implements ReportInvalidDevices {
    private final RegistryWriter writer;

    public ReportInvalidDevicesService(RegistryWriter writer) {
        this.writer = writer;
    }

    @Override
    public List<ReportOutcome> report(Caller by, List<Report> reports) {
        if (reports.size() > MAX_REPORTS) {
            throw new IllegalArgumentException("At most " + MAX_REPORTS + " reports at once");
        }
        Scope scope = reports.stream()
                .reduce(Scope.EMPTY, (sum, report) -> sum.withHolderOf(report.token()), (one, _) -> one);
        return writer.change(
                by,
                scope,
                registry -> reports.stream()
                        .map(report -> registry.reportInvalid(report.token(), report.reason(), report.observed()))
                        .toList());
    }
}
