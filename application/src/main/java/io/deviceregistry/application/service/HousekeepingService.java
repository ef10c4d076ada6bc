package io.deviceregistry.application.service;

import io.deviceregistry.application.port.in.KeepHouse;
import io.deviceregistry.application.port.out.ImportJobs;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.application.port.out.Upkeep;
import io.deviceregistry.application.port.out.Upkeep.StaleDevices;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.Scope;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Chores in steps that are small enough to be in nobody's way, nor one in another's: what fails is logged, and everything
 * else is done. A device that could not be looked at for its age is met again by the next walk; what is that old can wait
 * so long.
 */
public final class HousekeepingService implements KeepHouse {
    private static final Logger LOG = System.getLogger(HousekeepingService.class.getName());

    /** Devices that a step looks at for their age. */
    private static final int WINDOW = 1_000;

    /** Rows that a step deletes of each kind. */
    private static final int LIMIT = 100;

    /**
     * A file of which nothing came for so long is not being sent any more: its server waits a minute at most for what is to
     * come, and notes every few seconds that something came.
     */
    private static final Duration SILENCE = Duration.ofMinutes(5);

    private final Upkeep upkeep;
    private final ImportJobs imports;
    private final RegistryWriter writer;
    private final HousekeepingSettings settings;

    public HousekeepingService(
            Upkeep upkeep, ImportJobs imports, RegistryWriter writer, HousekeepingSettings settings) {
        this.upkeep = upkeep;
        this.imports = imports;
        this.writer = writer;
        this.settings = settings;
    }

    @Override
    public boolean step() {
        boolean more = attempt("Looking for stale devices", this::expireStaleDevices);
        more |= attempt(
                "Purging removed devices",
                () -> upkeep.purgeRemovedDevices(settings.removedRetention(), LIMIT) == LIMIT);
        more |= attempt("Finishing erasures", () -> upkeep.finishErasures(LIMIT) == LIMIT);
        more |= attempt("Forgetting answers", () -> upkeep.forgetAnswers(settings.answerRetention(), LIMIT) == LIMIT);
        attempt("Ending imports that broke off", () -> imports.endSilent(SILENCE) > 0);
        more |= attempt("Forgetting imports", () -> imports.purge(settings.importRetention(), LIMIT) == LIMIT);
        return more;
    }

    @Override
    public void maintain() {
        attempt("Maintaining the store", () -> upkeep.maintain(settings.maintenanceBatchSize()) > 0);
    }

    /** @return false if it failed */
    private static boolean attempt(String chore, BooleanSupplier work) {
        try {
            return work.getAsBoolean();
        } catch (StoreUnavailableException e) {
            LOG.log(Level.WARNING, "{0} waits for the store: {1}", chore, e.getCause());
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, chore + " failed", e);
        }
        return false;
    }

    private boolean expireStaleDevices() {
        if (settings.staleAfter().isEmpty()) {
            return false;
        }
        StaleDevices step = upkeep.nextStaleDevices(settings.staleAfter(), settings.staleCheckInterval(), WINDOW);
        for (DeviceId device : step.devices()) {
            attempt("Looking at the age of device " + device, () -> expire(device));
        }
        return step.more();
    }

    /** Asks again, for it may have been seen since. */
    private boolean expire(DeviceId device) {
        return writer.change(
                Caller.REGISTRY,
                Scope.EMPTY.withDevice(device),
                registry -> registry.expire(device, settings.staleAfter()));
    }
}
