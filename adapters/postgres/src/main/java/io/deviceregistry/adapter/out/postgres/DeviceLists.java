package io.deviceregistry.adapter.out.postgres;

import static java.util.Objects.requireNonNull;

import io.deviceregistry.application.port.out.DeviceQuery;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceStatus;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Lists of customers' devices. Those that are asked for at the same time are read by one statement: most of what a short
 * list costs is the way to the database and back.
 */
@ApplicationScoped
class DeviceLists {
    /** While one waits for the database, the other makes devices of what it answered. */
    private static final int READERS = 2;

    /** That lists read together may have, so that a few long ones are not in memory at once. */
    private static final int MOST_ROWS = 2_000;

    private static final UUID BEFORE_ALL = new UUID(0, 0);

    /** For each list a probe of device_token_once_per_customer; the fence keeps it from walking all devices by their ids. */
    private static final String READ = PlansByIndex.SETTING + """
            ;
            select w.n, %s, d.token_cipher
              from unnest(?::text[], ?::uuid[], ?::text[], ?::bigint[]) with ordinality
                     as w(customer_id, after, statuses, most, n)
                   cross join lateral (
                     select * from (select * from device d where d.customer_id = w.customer_id offset 0) d
                      where d.id > w.after and d.status = any (string_to_array(w.statuses, ',')) and d.erasure_id is null
                      order by d.id
                      limit w.most) d
             order by w.n, d.id
             limit ?""".formatted(DeviceRow.COLUMNS);

    private final Transactions transactions;
    private final TokenVault vault;
    private final Together<Wanted> together = new Together<>(READERS, this::read);

    DeviceLists(Transactions transactions, TokenVault vault) {
        this.transactions = transactions;
        this.vault = vault;
    }

    /** A list of one customer, narrowed by nothing but the status, and what was found. */
    static final class Wanted {
        private final CustomerId customer;
        private final DeviceQuery query;
        private List<Device> found = List.of();

        /** @throws NullPointerException if it is of no customer */
        Wanted(DeviceQuery query) {
            this.customer = requireNonNull(query.customer());
            this.query = query;
        }

        private UUID after() {
            return query.after() == null ? BEFORE_ALL : query.after().value();
        }

        private String statuses() {
            return query.statuses().stream().map(DeviceStatus::name).collect(Collectors.joining(","));
        }

        /** One more tells whether there is a next page. */
        private int most() {
            return query.limit() + 1;
        }

        Page<Device, DeviceId> page() {
            return Page.of(found, query.limit(), Device::id);
        }
    }

    /** Whether it is a list of one customer, narrowed by nothing but the status. */
    static boolean takes(DeviceQuery query) {
        return query.customer() != null
                && query.equals(
                        DeviceQuery.ofCustomer(query.customer(), query.statuses(), query.after(), query.limit()));
    }

    /** @param query of those that are taken */
    Page<Device, DeviceId> page(DeviceQuery query) {
        List<Wanted> wanted = List.of(new Wanted(query));
        if (transactions.isEnclosed()) {
            read(wanted);
        } else {
            together.run(wanted);
        }
        return wanted.getFirst().page();
    }

    private void read(List<Wanted> lists) {
        transactions.runAtOnce(connection -> {
            read(connection, lists, vault);
            return null;
        });
    }

    /** In one round trip, unless they are long. */
    static void read(Connection connection, List<Wanted> lists, TokenVault vault) throws SQLException {
        int done = 0;
        while (done < lists.size()) {
            done += readFirst(connection, lists.subList(done, lists.size()), vault);
        }
    }

    /** @return how many lists, one at least, were read to their ends */
    private static int readFirst(Connection connection, List<Wanted> lists, TokenVault vault) throws SQLException {
        int most = Math.max(MOST_ROWS, lists.getFirst().most() + 1);
        List<List<Device>> found = new ArrayList<>();
        int rows = 0;
        try (PreparedStatement statement = connection.prepareStatement(READ)) {
            new Arguments(statement)
                    .texts(lists, list -> list.customer.value())
                    .uuids(lists, Wanted::after)
                    .texts(lists, Wanted::statuses)
                    .numbers(lists, list -> (long) list.most())
                    .number(most);
            statement.execute();
            statement.getMoreResults();
            try (ResultSet row = statement.getResultSet()) {
                while (row.next()) {
                    rows++;
                    while (found.size() < row.getInt("n")) {
                        found.add(new ArrayList<>());
                    }
                    DeviceId id = DeviceRow.id(row);
                    found.getLast().add(DeviceRow.read(row, vault.open(row.getBytes("token_cipher"), id)));
                }
            }
        }
        // Of the last one that was found anything of there may be more.
        int complete = rows < most ? lists.size() : found.size() - 1;
        for (int i = 0; i < complete; i++) {
            lists.get(i).found = i < found.size() ? found.get(i) : List.of();
        }
        return complete;
    }
}
