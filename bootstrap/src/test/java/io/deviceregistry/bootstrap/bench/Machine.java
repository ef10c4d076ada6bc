package io.deviceregistry.bootstrap.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** What was measured, on what and when. */
final class Machine {
    private static final double GIBIBYTE = 1L << 30;
    private static final String UNKNOWN = "unknown";

    private Machine() {}

    /** In the order in which people want to know it. */
    static Map<String, String> facts(Server server, Path home) throws InterruptedException {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("begun", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        facts.put("commit", commit(home));
        facts.put("processor", processor());
        facts.put("cores", Integer.toString(system.getAvailableProcessors()));
        facts.put("memory", String.format(Locale.ROOT, "%.1f GiB", system.getTotalMemorySize() / GIBIBYTE));
        facts.put("load before", String.format(Locale.ROOT, "%.2f", system.getSystemLoadAverage()));
        facts.put("system", "%s %s, %s".formatted(system.getName(), system.getVersion(), system.getArch()));
        facts.put(
                "PostgreSQL",
                server.version()
                        + Server.SETTINGS.entrySet().stream()
                                .map(setting -> ", " + setting.getKey() + " " + setting.getValue())
                                .reduce(", fsync on", String::concat));
        facts.put("JDK", "%s %s".formatted(System.getProperty("java.vm.name"), Runtime.version()));
        facts.put("JVM of the service", Service.JAVA_OPTIONS);
        return facts;
    }

    private static String processor() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(UNKNOWN);
        } catch (IOException noProc) {
            return UNKNOWN;
        }
    }

    /** With a word if there is more than was committed. */
    private static String commit(Path home) throws InterruptedException {
        try {
            Process git = new ProcessBuilder("git", "describe", "--always", "--dirty", "--exclude=*")
                    .directory(home.toAbsolutePath().toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String told = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return git.waitFor() == 0 ? told : UNKNOWN;
        } catch (IOException noGit) {
            return UNKNOWN;
        }
    }
}
