package io.deviceregistry.adapter.out.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Statements that go to the database together, and are carried out one after the other; none after one that fails. */
final class RoundTrip {
    private final List<String> statements = new ArrayList<>();
    private final List<Binding> bindings = new ArrayList<>();

    /** Sets the arguments of one statement. */
    interface Binding {
        void to(Arguments arguments) throws SQLException;
    }

    RoundTrip add(String sql, Binding binding) {
        statements.add(sql);
        bindings.add(binding);
        return this;
    }

    /**
     * Asks for nothing if there is nothing to carry out.
     *
     * @param end what the last statement ends with
     */
    void run(Connection connection, String end) throws SQLException {
        if (statements.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(String.join(";\n", statements) + end)) {
            Arguments arguments = new Arguments(statement);
            for (Binding binding : bindings) {
                binding.to(arguments);
            }
            statement.execute();
        }
    }
}
