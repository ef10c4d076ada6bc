package io.deviceregistry.application.testing;

import io.deviceregistry.application.port.out.CustomerStore;
import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.port.out.IdempotencyRecords;
import io.deviceregistry.application.port.out.SyncLedger;
import io.deviceregistry.application.port.out.SyncRepair;
import io.deviceregistry.application.port.out.Upkeep;

/** The stateful out-ports of one implementation, over one store of everything. */
public record Ports(
        DeviceStore devices,
        CustomerStore customers,
        SyncLedger ledger,
        SyncRepair repair,
        IdempotencyRecords answers,
        Upkeep upkeep) {}
