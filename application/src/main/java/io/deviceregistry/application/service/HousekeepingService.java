package io.deviceregistry.application.service;

import io.deviceregistry.application.port.in.KeepHouse;
import io.deviceregistry.application.port.out.Upkeep;
import io.deviceregistry.application.port.out.Upkeep.StaleDevices;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.Scope;

/** Chores in steps that are small enough to be in nobody's way. */
public final class HousekeepingService implements KeepHouse {
    /** Devices that a step looks at for their age. */
    private static final int WINDOW = 1_000;

    /** Rows that a step deletes of each kind. */
    private static final int LIMIT = 100;

    private final Upkeep upkeep;
    private final RegistryWriter writer;
    private final HousekeepingSettings settings;

    public HousekeepingService(Upkeep upkeep, RegistryWriter writer, HousekeepingSettings settings) {
        this.upkeep = upkeep;
        this.writer = writer;
        this.settings = settings;
    }

    @Override
    public boolean step() {
        boolean more = expireStaleDevices();
        more |= upkeep.purgeRemovedDevices(settings.removedRetention(), LIMIT) == LIMIT;
        more |= upkeep.finishErasures(LIMIT) == LIMIT;
        more |= upkeep.forgetAnswers(settings.answerRetention(), LIMIT) == LIMIT;
        return more;
    }

    private boolean expireStaleDevices() {
        if (settings.staleAfter().isEmpty()) {
            return false;
        }
        StaleDevices step = upkeep.nextStaleDevices(settings.staleAfter(), settings.staleCheckInterval(), WINDOW);
        step.devices().forEach(this::expire);
        return step.more();
    }

    /** Asks again, for it may have been seen since. */
    private void expire(DeviceId device) {
        writer.change(Scope.EMPTY.withDevice(device), registry -> registry.expire(device, settings.staleAfter()));
    }
}
