package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Of a {@link DeviceProvider} that can tell what it holds. */
public interface ListsDevices {

    /**
     * Makes one HTTP request. Blocks for at most {@link DeviceProvider#callDeadline}, and throws nothing for what the
     * provider or the network does.
     */
    Listing devicesOf(CustomerId customer);

    /** What a provider said when it was asked. */
    sealed interface Listing {
        /** All that it holds of the customer. */
        record Complete(List<RemoteDevice> devices) implements Listing {
            public Complete {
                devices = List.copyOf(devices);
            }
        }

        /** It cannot be asked after all. */
        record NotOffered() implements Listing {}

        /** It did not say. */
        record Failed(Outcome.Failure failure) implements Listing {}
    }

    /**
     * @param remoteId null if the provider gives none
     * @param type null if the provider does not say
     */
    record RemoteDevice(@Nullable String remoteId, @Nullable DeviceType type, DeviceToken token) {}
}
