package io.deviceregistry.adapter.out.postgres;

import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.AgroalDataSourceConfiguration;
import io.agroal.api.configuration.supplier.AgroalConnectionPoolConfigurationSupplier;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.api.transaction.TransactionIntegration;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.SchemaValidationException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.callback.BaseCallback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;

/**
 * Brings the schema to what this version needs, before anything else of this process uses the database and while replicas of
 * the version before work with it.
 *
 * <p>A migration may take as long as it needs, but waits for a lock no longer than a tenth of a second: whoever comes
 * meanwhile waits behind it, even for what it could have beside the one who has the lock, such as a {@code pg_dump}. So it
 * gives up, lets the others pass, and tries again until it has what it needs; whoever started the process decides how long
 * that may take. A migration is a transaction, so nothing of a try remains.
 */
@ApplicationScoped
class SchemaMigration {
    private static final Logger LOG = System.getLogger(SchemaMigration.class.getName());

    /** In place of those for requests: there is no other limit of time. */
    private static final String SETTINGS = "set lock_timeout = '100ms'";

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(8);

    private final Flyway configured;
    private final AgroalDataSource dataSource;
    private final EntityManagerFactory entities;

    SchemaMigration(Flyway configured, AgroalDataSource dataSource, EntityManagerFactory entities) {
        this.configured = configured;
        this.dataSource = dataSource;
        this.entities = entities;
    }

    /** Before those who look at the database when the application starts. */
    void migrate(@Observes @Priority(0) StartupEvent event)
            throws InterruptedException, SchemaValidationException, SQLException {
        try (AgroalDataSource patient = withoutLimits(dataSource.getConfiguration())) {
            migrate(Flyway.configure(getClass().getClassLoader())
                    .configuration(configured.getConfiguration())
                    .dataSource(patient)
                    .callbacks(new UnlimitedAnswers())
                    // Another replica migrates, for as long as it needs.
                    .lockRetryCount(-1)
                    .load());
        }
        entities.getSchemaManager().validate();
    }

    /** With connections of its own, lest one with other limits of time be used for requests later. */
    private static AgroalDataSource withoutLimits(AgroalDataSourceConfiguration requests) throws SQLException {
        return AgroalDataSource.from(new AgroalDataSourceConfigurationSupplier()
                .connectionPoolConfiguration(
                        new AgroalConnectionPoolConfigurationSupplier(requests.connectionPoolConfiguration())
                                .initialSize(0)
                                .minSize(0)
                                .transactionIntegration(TransactionIntegration.none())
                                .connectionFactoryConfiguration(connections -> connections.initialSql(SETTINGS))));
    }

    private static void migrate(Flyway flyway) throws InterruptedException {
        Duration pause = FIRST_PAUSE;
        while (true) {
            try {
                flyway.migrate();
                return;
            } catch (FlywayException e) {
                if (!lacksLock(e)) {
                    throw e;
                }
                LOG.log(
                        Level.INFO,
                        "A migration waits for others to end what they do with a table: {0}",
                        e.getMessage());
            }
            Thread.sleep(pause);
            pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
    }

    private static boolean lacksLock(FlywayException failure) {
        return Transactions.sqlCauseOf(failure)
                .filter(cause -> LOCK_NOT_AVAILABLE.equals(cause.getSQLState()))
                .isPresent();
    }

    /** The driver's own limit of time for an answer is made for requests. */
    private static final class UnlimitedAnswers extends BaseCallback {
        @Override
        public boolean supports(Event event, Context context) {
            return event == Event.BEFORE_EACH_MIGRATE;
        }

        @Override
        public void handle(Event event, Context context) {
            Connection connection = context.getConnection();
            try {
                connection.setNetworkTimeout(Runnable::run, 0);
            } catch (SQLException e) {
                throw new FlywayException("The driver's limit of time for an answer cannot be lifted", e);
            }
        }
    }
}
