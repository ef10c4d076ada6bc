package io.deviceregistry.application.service;

import io.deviceregistry.application.port.out.DeviceProvider;
import io.deviceregistry.application.port.out.Holding;
import io.deviceregistry.application.port.out.ProviderCall;
import io.deviceregistry.application.port.out.Settlement;
import io.deviceregistry.application.port.out.SyncTask;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.SyncReason;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * What is to be done for one customer at one provider: the difference between what the registry holds and what the
 * provider is known to hold.
 *
 * @param calls in the order in which they go out: what must disappear first, then changes, then what is new
 * @param settled devices for which nothing needs to be sent
 */
record SyncPlan(List<ProviderCall> calls, List<Settlement> settled) {

    static SyncPlan of(CustomerId customer, Collection<SyncTask> tasks, DeviceProvider provider) {
        List<ProviderCall> retirements = new ArrayList<>();
        List<ProviderCall> updates = new ArrayList<>();
        List<Device> created = new ArrayList<>();
        List<Settlement> settled = new ArrayList<>();
        for (SyncTask task : tasks) {
            Device device = task.device();
            Holding held = task.holding();
            if (!device.isActive()) {
                if (held != null) {
                    retirements.add(new ProviderCall.Retire(device, held.token()));
                } else if (task.uncertain()) {
                    // An addition that was never confirmed may have arrived all the same.
                    retirements.add(new ProviderCall.Retire(device, device.token()));
                } else {
                    settled.add(settlement(task, new Settlement.Synced(null)));
                }
            } else if (!provider.supports(device.type())) {
                settled.add(settlement(
                        task,
                        new Settlement.Unsupported(
                                SyncReason.TYPE_NOT_SUPPORTED,
                                "Devices of type " + device.type() + " are not supported")));
            } else if (held == null) {
                created.add(device);
            } else if (held.matches(device)) {
                settled.add(settlement(task, new Settlement.Synced(held)));
            } else {
                updates.add(new ProviderCall.Update(device, held));
            }
        }
        List<ProviderCall> calls = new ArrayList<>(retirements);
        calls.addAll(updates);
        for (int from = 0; from < created.size(); from += provider.maxDevicesPerCall()) {
            int to = Math.min(created.size(), from + provider.maxDevicesPerCall());
            calls.add(new ProviderCall.Create(customer, created.subList(from, to)));
        }
        return new SyncPlan(calls, settled);
    }

    private static Settlement settlement(SyncTask task, Settlement.Verdict verdict) {
        return new Settlement(task.device().id(), task.version(), verdict);
    }
}
