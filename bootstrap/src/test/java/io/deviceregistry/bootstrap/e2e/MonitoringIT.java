package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.deviceregistry.bootstrap.deploy.Kustomization;
import io.deviceregistry.sandbox.bunce.Behaviour;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import io.micrometer.core.instrument.binder.http.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What alerts, the dashboard and README look at is what the service shows. */
class MonitoringIT {
    private static final String NAME = "[a-zA-Z_][a-zA-Z0-9_]*";
    private static final Pattern LABELS = Pattern.compile("(" + NAME + ")\\s*(=|!=|=~|!~)\\s*\"([^\"]*)\"");
    private static final Pattern SELECTOR = Pattern.compile("(" + NAME + ")\\{((?:[^}\"]|\"[^\"]*\")*)}");
    private static final Pattern GROUPED_BY = Pattern.compile("\\bby\\s*\\(([^)]*)\\)");
    private static final Pattern FUNCTION = Pattern.compile(NAME + "(?=\\s*\\()");
    private static final Pattern RECORDED = Pattern.compile("device_registry:" + NAME);
    private static final Pattern WORD = Pattern.compile("\\b" + NAME);
    private static final Pattern LEGEND = Pattern.compile("\\{\\{\\s*(" + NAME + ")\\s*}}");
    private static final Pattern QUOTED = Pattern.compile("`(" + NAME + ")`");

    /** What Prometheus itself adds to all that it reads, and tells of each place where it does. */
    private static final Set<String> OF_PROMETHEUS = Set.of("job", "instance");

    private static final String UP = "up";

    private static Deployment deployment;
    private static RegistryClient registry;
    /** By name: each label with its values. */
    private static Map<String, Map<String, Set<String>>> shown = Map.of();

    @BeforeAll
    static void causeTraffic() throws Exception {
        deployment = new Deployment().with("REGISTRY_SYNC_METRICS_INTERVAL", "1s");
        registry = deployment.start();
        registry.awaitSync(
                "fine", registry.register("fine", "ios", "token-of-fine").deviceId(), "SYNCED");
        String well = await().atMost(Duration.ofSeconds(20))
                .until(() -> registry.get("/q/metrics").body(), body -> body.contains("registry_sync_paused"));
        deployment
                .bunce()
                .behave(Behaviour.normal()
                        .withRequestsPerMinute(0)
                        .withRefusal(new Behaviour.Refusal(null, 422, "no such address")));
        registry.awaitSync(
                "refused",
                registry.register("refused", "ios", "token-of-refused").deviceId(),
                "PARKED");
        registry.post("/v1/sync:pause", "{\"provider\":\"bunce\"}");
        registry.register("waiting", "ios", "token-of-waiting");
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            shown = shown(well + registry.get("/q/metrics").body());
            assertThat(shown).containsKeys("registry_sync_pending", "registry_sync_parked");
            assertThat(values("registry_sync_paused", "reason")).contains("SUSPENDED");
        });
    }

    @AfterAll
    static void stop() {
        deployment.close();
    }

    private static Map<String, Map<String, Set<String>>> shown(String metrics) {
        Map<String, Map<String, Set<String>>> shown = new TreeMap<>();
        metrics.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            MatchResult selector = SELECTOR.matcher(line).results().findFirst().orElse(null);
            String name = selector == null ? line.substring(0, line.indexOf(' ')) : selector.group(1);
            Map<String, Set<String>> labels = shown.computeIfAbsent(name, any -> new TreeMap<>());
            if (selector != null) {
                LABELS.matcher(selector.group(2))
                        .results()
                        .forEach(label -> labels.computeIfAbsent(label.group(1), any -> new TreeSet<>())
                                .add(label.group(3)));
            }
        });
        return shown;
    }

    @Test
    void given_the_probes_and_what_prometheus_reads_then_the_service_has_these_paths() throws Exception {
        Container container = Kustomization.of("base")
                .the(io.fabric8.kubernetes.api.model.apps.Deployment.class)
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst();
        List<String> paths = new ArrayList<>();
        for (Probe probe :
                List.of(container.getStartupProbe(), container.getLivenessProbe(), container.getReadinessProbe())) {
            paths.add(probe.getHttpGet().getPath());
        }
        Kustomization.of("monitoring")
                .the(ServiceMonitor.class)
                .getSpec()
                .getEndpoints()
                .forEach(endpoint -> paths.add(endpoint.getPath()));

        for (String path : paths) {
            assertThat(registry.send(registry.request(path)).status()).as(path).isEqualTo(200);
        }
    }

    @Test
    void given_the_alerts_then_all_that_they_look_at_is_shown_and_explained() throws Exception {
        List<String> expressions =
                Kustomization.of("monitoring").the(PrometheusRule.class).getSpec().getGroups().stream()
                        .flatMap(group -> group.getRules().stream())
                        .map(rule -> rule.getExpr().getStrVal())
                        .toList();

        assertThat(expressions).hasSizeGreaterThan(5).allSatisfy(MonitoringIT::assertShown);
        assertThat(metrics(expressions)).isSubsetOf(explained().keySet());
    }

    @Test
    void given_the_dashboard_then_all_that_it_draws_is_shown_and_explained() throws IOException {
        JsonNode dashboard = Deployment.json(Files.readString(Path.of("deploy", "grafana", "dashboard.json")));
        List<String> expressions = new ArrayList<>();
        dashboard
                .path("panels")
                .forEach(panel -> panel.path("targets").forEach(target -> {
                    String expression = target.path("expr").asText();
                    expressions.add(expression);
                    assertThat(possibleLabels(expression))
                            .as(expression)
                            .containsAll(
                                    LEGEND.matcher(target.path("legendFormat").asText())
                                            .results()
                                            .map(label -> label.group(1))
                                            .toList());
                }));

        assertThat(expressions).hasSizeGreaterThan(10).allSatisfy(MonitoringIT::assertShown);
        assertThat(metrics(expressions)).isSubsetOf(explained().keySet());
        assertThat(expressions)
                .filteredOn(expression -> expression.contains("{customer_id}/devices"))
                .isNotEmpty()
                .allMatch(expression -> expression.contains("method=\"POST\""));
        assertThat(dashboard.path("panels"))
                .extracting(panel -> panel.path("id").asInt())
                .doesNotHaveDuplicates();
    }

    @Test
    void given_readme_then_all_that_it_explains_is_shown_and_the_other_way_round() throws IOException {
        Map<String, Set<String>> explained = explained();

        assertThat(explained).allSatisfy((metric, labels) -> {
            if (!metric.equals(UP)) {
                assertThat(shown).containsKey(metric);
                assertThat(labels(metric)).containsAll(labels);
            }
        });
        assertThat(shown.keySet().stream().filter(metric -> metric.startsWith("registry_")))
                .isNotEmpty()
                .isSubsetOf(explained.keySet())
                .allSatisfy(metric ->
                        assertThat(explained.get(metric)).containsExactlyInAnyOrderElementsOf(labels(metric)));
    }

    private static void assertShown(String expression) {
        for (MatchResult selector : SELECTOR.matcher(expression).results().toList()) {
            String metric = selector.group(1);
            LABELS.matcher(selector.group(2)).results().forEach(label -> {
                String name = label.group(1);
                String value = label.group(3);
                if (name.equals("job")) {
                    assertThat(value).isEqualTo("device-registry");
                } else if (name.equals("outcome")) {
                    assertThat(Outcome.values()).extracting(Outcome::name).contains(value);
                } else {
                    assertThat(values(metric, name)).as(metric + " " + name).contains(value);
                }
            });
        }
        assertThat(metrics(List.of(expression)).stream().filter(metric -> !metric.equals(UP)))
                .allSatisfy(metric -> assertThat(shown).containsKey(metric));
        GROUPED_BY
                .matcher(expression)
                .results()
                .flatMap(group -> Stream.of(group.group(1).split(",")))
                .map(String::strip)
                .forEach(label ->
                        assertThat(possibleLabels(expression)).as(expression).contains(label));
        // Without braces after it, a metric would escape this test.
        String rest = expression;
        for (Pattern known : List.of(SELECTOR, GROUPED_BY, FUNCTION, RECORDED)) {
            rest = known.matcher(rest).replaceAll(" ");
        }
        assertThat(WORD.matcher(rest).results().map(MatchResult::group))
                .as(expression)
                .isSubsetOf("or", "unless", "offset");
    }

    private static Set<String> metrics(List<String> expressions) {
        return expressions.stream()
                .flatMap(expression -> SELECTOR.matcher(expression).results())
                .map(selector -> selector.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> labels(String metric) {
        return shown.getOrDefault(metric, Map.of()).keySet();
    }

    private static Set<String> values(String metric, String label) {
        return shown.getOrDefault(metric, Map.of()).getOrDefault(label, Set.of());
    }

    /** Those that the series of an expression can have. */
    private static Set<String> possibleLabels(String expression) {
        Set<String> labels = new TreeSet<>(OF_PROMETHEUS);
        metrics(List.of(expression)).stream().forEach(metric -> labels.addAll(labels(metric)));
        return labels;
    }

    /** In README's table: each metric with its labels, as far as they are named. */
    private static Map<String, Set<String>> explained() throws IOException {
        Map<String, Set<String>> explained = new TreeMap<>();
        String readme = Files.readString(Path.of("..", "README.md"));
        readme.substring(readme.indexOf("\n| metric | labels |"))
                .lines()
                .skip(3)
                .takeWhile(line -> line.startsWith("|"))
                .map(line -> line.split("\\|"))
                .forEach(cells -> quoted(cells[1]).forEach(metric -> explained.put(metric, quoted(cells[2]))));
        return explained;
    }

    private static Set<String> quoted(String cell) {
        return QUOTED.matcher(cell).results().map(word -> word.group(1)).collect(Collectors.toCollection(TreeSet::new));
    }
}
