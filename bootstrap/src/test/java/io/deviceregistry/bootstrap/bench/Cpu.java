package io.deviceregistry.bootstrap.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** How much processor time processes have used, where the system has a {@code /proc}; elsewhere nothing is known. */
final class Cpu {
    /** What Linux counts in for programs, whatever the kernel's own clock. */
    private static final double TICKS_A_SECOND = 100;

    private final Map<String, Double> before;
    private final Map<String, Long> processes;

    private Cpu(Map<String, Long> processes) {
        this.processes = processes;
        this.before = sample();
    }

    /** @param processes ids by name; children count with their parents */
    static Cpu since(Map<String, Long> processes) {
        return new Cpu(processes);
    }

    /** Seconds used since this was made, by process; {@code load} is what this process waited for: load generators. */
    Map<String, Double> used() {
        Map<String, Double> used = new LinkedHashMap<>();
        sample().forEach((name, seconds) -> used.put(name, seconds - before.getOrDefault(name, 0.0)));
        return used;
    }

    private Map<String, Double> sample() {
        Map<String, Double> seconds = new LinkedHashMap<>();
        processes.forEach((name, pid) -> ProcessHandle.of(pid).ifPresent(process -> {
            double living = process.descendants()
                    .mapToDouble(child -> ticks(child.pid(), true, false))
                    .sum();
            seconds.put(name, (ticks(pid, true, true) + living) / TICKS_A_SECOND);
        }));
        seconds.put("load", ticks(ProcessHandle.current().pid(), false, true) / TICKS_A_SECOND);
        return seconds;
    }

    /** @param children those that ended and were waited for */
    private static double ticks(long pid, boolean own, boolean children) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            // The name, which may have blanks, ends with the last parenthesis; the 14th field of the line is the 12th
            // here.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            double ticks = 0;
            for (int i = own ? 11 : 13; i < (children ? 15 : 13); i++) {
                ticks += Double.parseDouble(fields[i]);
            }
            return ticks;
        } catch (IOException endedOrNoProc) {
            return 0;
        }
    }
}
