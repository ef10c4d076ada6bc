package io.deviceregistry.adapter.out.postgres;

/** What it takes for a database that was new when the statements were planned, and has many rows by now. */
final class NewDatabase {
    /** Enough for the driver to have the statements prepared on the server, which keeps their plans. */
    static final int UNTIL_PLANS_ARE_KEPT = 20;

    private NewDatabase() {}

    static String rememberAnswers(int number) {
        return """
                insert into idempotency_record (key_hash, fingerprint, answer_cipher)
                select sha256(n::text::bytea), '', '' from generate_series(1, %d) n""".formatted(number);
    }
}
