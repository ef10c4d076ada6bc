package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.out.CustomerStore;
import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.port.out.IdempotencyRecords;
import io.deviceregistry.application.port.out.SyncLedger;
import io.deviceregistry.application.port.out.SyncRepair;
import io.deviceregistry.application.port.out.Upkeep;
import io.deviceregistry.application.testing.Ports;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** The adapter's ports, as its contracts want them. */
class PortsProducer {
    @Produces
    @Singleton
    Ports ports(
            DeviceStore devices,
            CustomerStore customers,
            SyncLedger ledger,
            SyncRepair repair,
            IdempotencyRecords answers,
            Upkeep upkeep) {
        return new Ports(devices, customers, ledger, repair, answers, upkeep);
    }
}
