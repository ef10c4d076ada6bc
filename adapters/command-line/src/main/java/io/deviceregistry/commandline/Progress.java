package io.deviceregistry.commandline;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Tells a person how far something is: by a bar on a terminal, by a line now and then elsewhere. For one thread. */
interface Progress extends AutoCloseable {

    /** @param remark what else is to be told, or nothing */
    void at(long done, String remark);

    @Override
    void close();

    /**
     * @param done what was there before it began, which does not count for the rate
     * @param all how much there is, or may be; -1 if that is not known
     */
    record Task(String name, Unit unit, long done, long all) {}

    /** What is counted, and how many of it are one in what is shown. */
    enum Unit {
        ROWS("rows", 1),
        MEBIBYTES("MiB", 1 << 20);

        private final String symbol;
        private final long size;

        Unit(String symbol, long size) {
            this.symbol = symbol;
            this.size = size;
        }

        private String shown(double number) {
            return String.format(Locale.ROOT, size == 1 ? "%,.0f" : "%,.1f", number / size);
        }
    }

    static Progress of(Task task, PrintWriter err, boolean terminal) {
        return terminal ? new Bar(task) : new Lines(task, err);
    }

    final class Bar implements Progress {
        private final ProgressBar bar;

        private Bar(Task task) {
            bar = new ProgressBarBuilder()
                    .setTaskName(task.name)
                    .setInitialMax(task.all)
                    .setUnit(" " + task.unit.symbol, task.unit.size)
                    .startsFrom(task.done, Duration.ZERO)
                    .setSpeedUnit(ChronoUnit.SECONDS)
                    .showSpeed()
                    .setStyle(ProgressBarStyle.ASCII)
                    .build();
        }

        @Override
        public void at(long done, String remark) {
            bar.stepTo(done);
            bar.setExtraMessage(remark.isEmpty() ? "" : " " + remark);
        }

        @Override
        public void close() {
            bar.close();
        }
    }

    final class Lines implements Progress {
        private static final Duration INTERVAL = Duration.ofSeconds(5);

        private final Task task;
        private final PrintWriter err;
        private final long begun = System.nanoTime();
        private long told = begun;

        Lines(Task task, PrintWriter err) {
            this.task = task;
            this.err = err;
        }

        @Override
        public void at(long done, String remark) {
            long now = System.nanoTime();
            if (now - told >= INTERVAL.toNanos()) {
                told = now;
                err.println(line(done, remark, (now - begun) / 1e9));
            }
        }

        String line(long done, String remark, double seconds) {
            double rate = (done - task.done) / seconds;
            StringBuilder line = new StringBuilder(task.name).append(": ").append(task.unit.shown((double) done));
            // What was an estimate may be behind.
            boolean known = task.all >= done;
            if (known) {
                line.append(" of ").append(task.unit.shown((double) task.all));
            }
            line.append(' ').append(task.unit.symbol);
            line.append(", ").append(task.unit.shown(rate)).append(" a second");
            if (known && rate > 0) {
                line.append(String.format(Locale.ROOT, ", %,.0f s left", (task.all - done) / rate));
            }
            return remark.isEmpty()
                    ? line.toString()
                    : line.append("; ").append(remark).toString();
        }

        @Override
        public void close() {
            // What it came to is told by whoever knows.
        }
    }
}
