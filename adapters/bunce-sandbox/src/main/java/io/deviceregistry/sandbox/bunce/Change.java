package io.deviceregistry.sandbox.bunce;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What a call does to the state, as the journal keeps it. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "change")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Change.CustomerSaved.class, name = "customer_saved"),
    @JsonSubTypes.Type(value = Change.DeviceSaved.class, name = "device_saved")
})
sealed interface Change {

    record CustomerSaved(Customer customer) implements Change {}

    /** Adds the device, or takes the place of the one with its id. The customer has been saved before. */
    record DeviceSaved(String customerId, Device device) implements Change {}
}
