package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.domain.Customer;
import io.deviceregistry.domain.CustomerId;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A customer as this interface shows it. */
@Schema(name = "Customer")
@JsonNaming(SnakeCaseStrategy.class)
record CustomerJson(
        @Schema(examples = "0000") String customerId,
        @Schema(examples = "john@example.com") @Nullable String email,
        @Nullable String firstName,
        @Nullable String lastName,
        @Nullable String phoneNo,
        Instant createdAt,

        @Schema(description = "The last change of the profile.")
        Instant updatedAt,

        @Schema(description = "The caller that made it; null if it was made before that was recorded.") @Nullable String updatedBy) {

    static CustomerJson from(Customer customer) {
        return new CustomerJson(
                customer.id().value(),
                customer.profile().email(),
                customer.profile().firstName(),
                customer.profile().lastName(),
                customer.profile().phoneNumber(),
                customer.createdAt(),
                customer.updatedAt(),
                customer.updatedBy() == null ? null : customer.updatedBy().name());
    }

    @Schema(name = "Customers")
    @JsonNaming(SnakeCaseStrategy.class)
    record Listed(
            List<CustomerJson> customers,

            @Schema(description = "Null if there are no more.") @Nullable String nextCursor) {
        static Listed from(Page<Customer, CustomerId> page) {
            return new Listed(
                    page.items().stream().map(CustomerJson::from).toList(),
                    page.next() == null ? null : Cursor.after(page.next()));
        }
    }

    @Schema(name = "DescribedCustomers")
    record Described(List<CustomerJson> customers) {}

    private static final String IGNORED =
            "Any value. Set by the server; accepted from clients that send back what they got.";

    /** Parts of a profile, and devices to be registered with it. */
    @Schema(name = "CustomerUpdate", description = "What is absent stays as it is, what is null is cleared.")
    @JsonNaming(SnakeCaseStrategy.class)
    record Update(
            @Schema(description = "The customer in the path again, or absent.") @Nullable String customerId,

            @Schema(maxLength = 320) @Nullable String email,
            @Schema(maxLength = 256) @Nullable String firstName,
            @Schema(maxLength = 256) @Nullable String lastName,
            @Schema(maxLength = 64) @Nullable String phoneNo,

            @Schema(
                    maxItems = DeviceReader.MAX_DEVICES,
                    description = "Are registered; devices that are not named stay.")
            @Nullable List<DeviceJson.NewDevice> devices,

            @Schema(description = IGNORED) @Nullable Object providers,
            @Schema(description = IGNORED) @Nullable Object createdAt,
            @Schema(description = IGNORED) @Nullable Object customerCreatedAt,
            @Schema(description = IGNORED) @Nullable Object updatedAt,
            @Schema(description = IGNORED) @Nullable Object updatedBy,
            @Schema(description = IGNORED) @Nullable Object lastInteraction) {}

    @Schema(name = "NamedCustomerUpdate", description = "What is absent stays as it is, what is null is cleared.")
    @JsonNaming(SnakeCaseStrategy.class)
    record NamedUpdate(
            String customerId,
            @Schema(maxLength = 320) @Nullable String email,
            @Schema(maxLength = 256) @Nullable String firstName,
            @Schema(maxLength = 256) @Nullable String lastName,
            @Schema(maxLength = 64) @Nullable String phoneNo,

            @Schema(
                    maxItems = DeviceReader.MAX_DEVICES,
                    description = "Are registered; devices that are not named stay.")
            @Nullable List<DeviceJson.NewDevice> devices,

            @Schema(description = IGNORED) @Nullable Object providers,
            @Schema(description = IGNORED) @Nullable Object createdAt,
            @Schema(description = IGNORED) @Nullable Object customerCreatedAt,
            @Schema(description = IGNORED) @Nullable Object updatedAt,
            @Schema(description = IGNORED) @Nullable Object updatedBy,
            @Schema(description = IGNORED) @Nullable Object lastInteraction) {}

    @Schema(name = "CustomerUpdates")
    record Updates(
            @Schema(minItems = 1, maxItems = CustomerReader.MAX_CUSTOMERS)
            List<NamedUpdate> customers) {}
}
