package io.deviceregistry.application.port.in;

import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.ProviderId;
import java.util.List;

/**
 * Finds what went missing between the registry and its providers, and makes it due. Every method throws {@link
 * StoreUnavailableException} if the store cannot be reached.
 */
public interface RepairSync {

    /**
     * One step of the walk that finds devices of which a provider was never to be told: one that was added, say. To be
     * called from time to time, by any number of processes; each call looks at a thousand devices.
     */
    void sweep();

    /**
     * Compares one customer, the next of a walk over all, with each provider that can be asked and has nothing else to do.
     * To be called from time to time, by any number of processes; how fast the walk goes is not theirs to say.
     */
    void compareNext();

    /**
     * Compares one customer with every provider at once; by the provider's name. Waits some seconds for a permit.
     *
     * @param by who asks for it: the log names them
     */
    List<Comparison> compare(Caller by, CustomerId customer);

    record Comparison(ProviderId provider, Finding finding) {}

    sealed interface Finding {
        /** @param extra that the registry does not know, or knows as removed */
        record Compared(int missing, int different, int extra) implements Finding {}

        /** The provider cannot tell what it holds. */
        record NotOffered() implements Finding {}

        /** The provider is being told of the customer, or soon will be. */
        record UnderWay() implements Finding {}

        /**
         * The provider did not say, or takes no requests now.
         *
         * @param words in the provider's words, tokens masked; ours if it was not asked
         */
        record NotAnswered(String words) implements Finding {}
    }
}
