package io.deviceregistry.adapter.out.postgres;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LockTableTest {
    private static final long POSTGRES_DEFAULT = 64 * 100;

    @Test
    void the_default_pool_fits_into_the_lock_table_of_a_server_with_default_settings() {
        assertThatCode(() -> LockTable.require(16, 2, POSTGRES_DEFAULT)).doesNotThrowAnyException();
    }

    @Test
    void a_pool_that_could_fill_half_of_the_lock_table_is_refused_by_the_name_of_its_setting() {
        assertThatThrownBy(() -> LockTable.require(18, 2, POSTGRES_DEFAULT))
                .hasMessageContaining("quarkus.datasource.jdbc.max-size is 18")
                .hasMessageContaining("max_locks_per_transaction");
    }

    @Test
    void imports_that_could_fill_half_of_it_are_refused_by_the_name_of_their_setting() {
        assertThatThrownBy(() -> LockTable.require(16, 3, POSTGRES_DEFAULT))
                .hasMessageContaining("registry.import.workers is 3");
    }

    @Test
    void imports_that_could_take_all_connections_are_refused_by_the_name_of_their_setting() {
        assertThatCode(() -> LockTable.require(6, 2, POSTGRES_DEFAULT)).doesNotThrowAnyException();
        assertThatThrownBy(() -> LockTable.require(6, 3, POSTGRES_DEFAULT))
                .hasMessageContaining("registry.import.workers is 3", "quarkus.datasource.jdbc.max-size is 6");
        assertThatThrownBy(() -> LockTable.require(3, 0, POSTGRES_DEFAULT))
                .hasMessageContaining("quarkus.datasource.jdbc.max-size is 3");
    }
}
