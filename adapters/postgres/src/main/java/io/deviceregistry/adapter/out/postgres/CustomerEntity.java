package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.out.CustomerQuery;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.Customer;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Profile;
import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/** A row of {@code customer}, for reading: {@link RegistryChanges} and {@link PostgresCustomerStore} write. */
@Entity
@Immutable
@Table(name = "customer")
@NullUnmarked
class CustomerEntity extends PanacheEntityBase {
    @Id
    String id;

    @Nullable String email;

    @Column(name = "first_name")
    @Nullable String firstName;

    @Column(name = "last_name")
    @Nullable String lastName;

    @Column(name = "phone_no")
    @Nullable String phoneNumber;

    @Column(name = "created_at")
    Instant createdAt;

    @Column(name = "updated_at")
    Instant updatedAt;

    @Column(name = "updated_by")
    @Nullable String updatedBy;

    boolean erased;

    static Optional<CustomerEntity> find(CustomerId customer) {
        return find("id = ?1 and not erased", customer.value()).firstResultOptional();
    }

    /** The limit and one more, by the primary key or, where e-mail addresses are named, by their index. */
    static List<CustomerEntity> list(CustomerQuery query) {
        StringBuilder conditions = new StringBuilder("id > :after and not erased");
        Map<String, Object> parameters = new HashMap<>();
        parameters.put("after", query.after() == null ? "" : query.after().value());
        if (query.ids() != null) {
            conditions.append(" and id in :ids");
            parameters.put("ids", query.ids().stream().map(CustomerId::value).toList());
        }
        if (query.emails() != null) {
            conditions.append(" and email in :emails");
            parameters.put("emails", query.emails());
        }
        return CustomerEntity.<CustomerEntity>find(conditions + " order by id", parameters)
                .range(0, query.limit())
                .list();
    }

    Customer toDomain() {
        return new Customer(
                new CustomerId(id),
                new Profile(email, firstName, lastName, phoneNumber),
                createdAt,
                updatedAt,
                updatedBy == null ? null : new Caller(updatedBy));
    }
}
