package io.deviceregistry.application.testing;

import io.deviceregistry.application.port.out.ApiKeyStore;
import io.deviceregistry.application.port.out.ChangeFeed;
import io.deviceregistry.application.port.out.DeviceProvider;
import io.deviceregistry.application.port.out.ImportJobs;
import io.deviceregistry.application.port.out.Outcome;
import io.deviceregistry.application.port.out.ProviderGate;
import io.deviceregistry.domain.DeviceType;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.Nested;

/** The in-memory implementations keep the contracts. */
class InMemoryContractTest {
    private final InMemoryRegistry registry = new InMemoryRegistry(InstantSource.system());
    private final Ports ports = new Ports(registry, registry, registry, registry, registry, registry);

    @Nested
    class SyncRepairs extends SyncRepairContract {
        @Override
        protected Ports ports() {
            return ports;
        }
    }

    @Nested
    class Registrations extends DeviceStoreContract {
        @Override
        protected Ports ports() {
            return ports;
        }
    }

    @Nested
    class DeviceChanges extends DeviceChangesContract {
        @Override
        protected Ports ports() {
            return ports;
        }
    }

    @Nested
    class Changes extends ChangeContract {
        @Override
        protected Ports ports() {
            return ports;
        }
    }

    @Nested
    class Feed extends ChangeFeedContract {
        @Override
        protected Ports ports() {
            return ports;
        }

        @Override
        protected ChangeFeed feed() {
            return registry;
        }
    }

    @Nested
    class DeviceRaces extends DeviceRacesContract {
        @Override
        protected Ports ports() {
            return ports;
        }
    }

    @Nested
    class DeviceSearch extends DeviceSearchContract {
        @Override
        protected Ports ports() {
            return ports;
        }
    }

    @Nested
    class Customers extends CustomerStoreContract {
        @Override
        protected Ports ports() {
            return ports;
        }
    }

    @Nested
    class Erasures extends ErasureContract {
        @Override
        protected Ports ports() {
            return ports;
        }
    }

    @Nested
    class ErasedDevices extends ErasedDevicesContract {
        @Override
        protected Ports ports() {
            return ports;
        }
    }

    @Nested
    class Ledger extends SyncLedgerContract {
        @Override
        protected Ports ports() {
            return ports;
        }
    }

    @Nested
    class SyncInspection extends SyncInspectionContract {
        @Override
        protected Ports ports() {
            return ports;
        }
    }

    @Nested
    class SyncOrder extends SyncOrderContract {
        @Override
        protected Ports ports() {
            return ports;
        }
    }

    @Nested
    class SyncRaces extends SyncRacesContract {
        @Override
        protected Ports ports() {
            return ports;
        }
    }

    @Nested
    class Answers extends IdempotencyRecordsContract {
        @Override
        protected Ports ports() {
            return ports;
        }
    }

    @Nested
    class IdempotentChanges extends IdempotentChangeContract {
        @Override
        protected Ports ports() {
            return ports;
        }
    }

    @Nested
    class Imports extends ImportJobsContract {
        private final ImportJobs jobs = new InMemoryImportJobs(registry, InstantSource.system());

        @Override
        protected Ports ports() {
            return ports;
        }

        @Override
        protected ImportJobs jobs() {
            return jobs;
        }
    }

    @Nested
    class Housekeeping extends UpkeepContract {
        @Override
        protected Ports ports() {
            return ports;
        }
    }

    @Nested
    class ApiKeys extends ApiKeyStoreContract {
        private final InMemoryApiKeys keys = new InMemoryApiKeys(InstantSource.system());

        @Override
        protected ApiKeyStore store() {
            return keys;
        }
    }

    @Nested
    class Gate extends ProviderGateContract {
        private final InMemoryGate gate = new InMemoryGate(InstantSource.system());

        @Override
        protected ProviderGate gate() {
            return gate;
        }
    }

    @Nested
    class Provider extends DeviceProviderContract {
        private final InMemoryProvider provider = new InMemoryProvider(Examples.aProvider());

        @Override
        protected DeviceProvider provider() {
            return provider;
        }

        @Override
        protected DeviceType supportedType() {
            return Examples.ANDROID;
        }

        @Override
        protected void remote(Remote behaviour) {
            switch (behaviour) {
                case ACCEPTS -> provider.answers((_, device) -> new Outcome.Accepted("remote-" + device));
                case REFUSES_THE_DEVICE -> provider.answers(new Outcome.Rejected("no"));
                case HAS_NO_SUCH_CUSTOMER -> provider.answers(new Outcome.CustomerUnknown("who?"));
                case THROTTLES -> provider.answers(new Outcome.Throttled(Duration.ofSeconds(7), "slowly"));
                case REFUSES_OUR_CREDENTIALS -> provider.answers(new Outcome.Unauthorized("who are you?"));
                case FAILS, ANSWERS_RUBBISH, CLOSES_THE_CONNECTION, ANSWERS_TOO_LATE, ANSWERS_DROP_BY_DROP ->
                    provider.answers(new Outcome.Unconfirmed("?"));
                case CANNOT_BE_REACHED -> provider.answers(new Outcome.NotApplied("refused"));
            }
        }
    }
}
