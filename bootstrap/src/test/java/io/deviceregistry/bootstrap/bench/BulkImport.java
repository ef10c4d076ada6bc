package io.deviceregistry.bootstrap.bench;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * How long a file of devices takes from the first byte of the request to the last row stored, against {@code COPY} of the
 * rows that it made into tables with the same indexes.
 */
final class BulkImport implements Row {
    private static final String NAME = "import";
    private static final String COPIED = "copied";
    private static final double LEAST = 0.5;

    /** In the order in which one refers to another. */
    private static final List<String> TABLES = List.of("customer", "device", "device_sync", "device_change");

    @Override
    public void measure(Scene scene, Report report) throws InterruptedException {
        scene.createDatabase(COPIED);
        scene.withService("imported", Map.of(), service -> measure(scene, service, report));
        scene.server().dropDatabase(COPIED);
    }

    private static void measure(Scene scene, Service service, Report report) throws InterruptedException {
        int rows = scene.settings().imported();
        scene.tell("Warming up ...");
        int few = rows / 10 + 1;
        service.importFile(write(scene.directory().resolve("few.ndjson"), few), few);
        Path file = write(scene.directory().resolve("import.ndjson"), rows);
        List<Amount> imported = new ArrayList<>();
        List<Amount> copied = new ArrayList<>();
        for (int round = 1; round <= scene.settings().longRounds(); round++) {
            scene.empty(service.database());
            scene.server().checkpoint();
            Cpu cpu = scene.cpu(service);
            long start = System.nanoTime();
            service.importFile(file, rows);
            Amount own = amount(rows, start, cpu);
            report.run(NAME, round, "service", own);
            imported.add(own);
            if (round == 1) {
                export(scene, service.database());
            }
            scene.empty(COPIED);
            Amount reference = copy(scene, rows);
            report.run(NAME, round, "copy", reference);
            copied.add(reference);
            scene.tell("import, round %d: service %.0f rows a second, COPY %.0f"
                    .formatted(round, own.perSecond(), reference.perSecond()));
        }
        double ours = Report.median(imported, Amount::perSecond);
        double theirs = Report.median(copied, Amount::perSecond);
        report.line(
                "rows a second of an imported file, %,d rows".formatted(rows),
                Report.perSecond(ours),
                "%s: COPY of the encrypted rows".formatted(Report.perSecond(theirs)),
                ours / theirs,
                Report.Goal.atLeast(LEAST));
    }

    private static Amount amount(int rows, long start, Cpu cpu) {
        return new Amount(rows, (System.nanoTime() - start) / 1e9, cpu.used());
    }

    /** Each row a device of another customer. */
    private static Path write(Path file, int rows) {
        Random random = new Random();
        // As long as tokens of Android devices mostly are.
        String filler = "x".repeat(163 - 32);
        byte[] bytes = new byte[24];
        try (BufferedWriter writer = Files.newBufferedWriter(file)) {
            for (int i = 0; i < rows; i++) {
                random.nextBytes(bytes);
                String hex = HexFormat.of().formatHex(bytes);
                writer.write("{\"customer_id\":\"c%s\",\"device_type\":\"android\",\"device_token\":\"%s%s\"}\n"
                        .formatted(hex.substring(32), hex.substring(0, 32), filler));
            }
        } catch (IOException e) {
            throw new BenchException("%s cannot be written".formatted(file), e);
        }
        return file;
    }

    /** By the server, into files of its own machine, which is this one. */
    private static void export(Scene scene, String database) {
        for (String table : TABLES) {
            scene.server().execute(database, "copy (select * from %s) to '%s'".formatted(table, file(scene, table)));
        }
    }

    private static Amount copy(Scene scene, int rows) {
        scene.server().checkpoint();
        Cpu cpu = scene.cpu(null);
        long start = System.nanoTime();
        for (String table : TABLES) {
            scene.server().execute(COPIED, "copy %s from '%s'".formatted(table, file(scene, table)));
        }
        Amount copied = amount(rows, start, cpu);
        if (scene.server().count(COPIED, "select count(*) from device") != rows) {
            throw new BenchException("COPY did not bring %d devices".formatted(rows));
        }
        return copied;
    }

    private static String file(Scene scene, String table) {
        return scene.directory().resolve(table + ".copy").toString().replace("'", "''");
    }
}
