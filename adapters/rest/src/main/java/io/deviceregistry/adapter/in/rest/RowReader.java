package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.ImportRow;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.Set;

/**
 * Reads rows of imported files: as items of a batch, with what an export has beside them. When a device was last seen is
 * taken for when the row was true, if nothing else is said of that; what only the registry sets is ignored.
 */
@ApplicationScoped
class RowReader {
    static final Set<String> MEMBERS = Set.of(
            "customer_id",
            "device_type",
            "device_token",
            "metadata",
            "observed_at",
            "device_id",
            "status",
            "status_reason",
            "version",
            "registered_at",
            "last_seen_at");

    private final DeviceReader devices;

    RowReader(DeviceReader devices) {
        this.devices = devices;
    }

    /** @return empty if faults were found */
    Optional<ImportRow> row(long line, ObjectNode node, Faults faults) {
        JsonObject row = JsonObject.discreet(node, MEMBERS, faults);
        if (row == null) {
            return Optional.empty();
        }
        if (node.hasNonNull("status") && !node.path("status").asText().equals("ACTIVE")) {
            faults.add(Fault.at(row.pointerTo("status"), "must be ACTIVE: no other devices can be imported"));
        }
        Optional<CustomerId> customer =
                faults.member(row.pointerTo("customer_id"), row.requiredText("customer_id"), CustomerId::new);
        Optional<DeviceRegistration> device =
                devices.registration(row, row.hasValue("observed_at") ? "observed_at" : "last_seen_at", faults);
        return faults.isEmpty()
                ? Optional.of(new ImportRow(line, customer.orElseThrow(), device.orElseThrow()))
                : Optional.empty();
    }
}
