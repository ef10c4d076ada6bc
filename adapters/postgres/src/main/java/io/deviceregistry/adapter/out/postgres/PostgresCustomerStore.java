package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.out.CustomerQuery;
import io.deviceregistry.application.port.out.CustomerStore;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.Customer;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Erasure;
import io.deviceregistry.domain.ErasureId;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;

/** Reads customers through the entity; what erasing one takes is in {@link Erasures}. */
@ApplicationScoped
class PostgresCustomerStore implements CustomerStore {
    private final Transactions transactions;
    private final TokenVault vault;
    private final ChangePartitions changes;

    PostgresCustomerStore(Transactions transactions, TokenVault vault, ChangePartitions changes) {
        this.transactions = transactions;
        this.vault = vault;
        this.changes = changes;
    }

    @Override
    public Optional<Customer> customer(CustomerId customer) {
        return Transactions.read(() -> CustomerEntity.find(customer).map(CustomerEntity::toDomain));
    }

    @Override
    public Page<Customer, CustomerId> customers(CustomerQuery query) {
        List<Customer> found = Transactions.read(() -> CustomerEntity.list(query).stream()
                .map(CustomerEntity::toDomain)
                .toList());
        return Page.of(found, query.limit(), Customer::id);
    }

    @Override
    public Optional<Erasure> erase(Caller by, CustomerId customer) {
        return transactions.run(connection -> new Erasures(connection, vault, changes).begin(by, customer));
    }

    @Override
    public Optional<Erasure> erasure(ErasureId erasure) {
        return transactions.run(connection -> new Erasures(connection, vault, changes).find(erasure));
    }
}
