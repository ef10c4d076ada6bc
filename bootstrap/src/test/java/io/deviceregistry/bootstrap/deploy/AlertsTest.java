package io.deviceregistry.bootstrap.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.Rule;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The alerts, as Prometheus reads them. */
class AlertsTest {
    @TempDir
    private Path folder;

    @Test
    void given_readings_when_the_rules_are_tried_on_them_then_those_alerts_come_that_should() throws Exception {
        PrometheusRule rules = Kustomization.of("monitoring").the(PrometheusRule.class);
        Files.writeString(folder.resolve("rules.yaml"), new YAMLMapper().writeValueAsString(rules.getSpec()));
        try (InputStream cases = AlertsTest.class.getResourceAsStream("/alerts-test.yaml")) {
            Files.copy(cases, folder.resolve("alerts-test.yaml"));
        }

        Tool.PROMTOOL.run("check", "rules", folder.resolve("rules.yaml").toString());
        Tool.PROMTOOL.run("test", "rules", folder.resolve("alerts-test.yaml").toString());
    }

    @Test
    void given_an_alert_then_readings_try_it_and_the_manual_says_what_it_means() throws Exception {
        List<String> alerts = Kustomization.of("monitoring").the(PrometheusRule.class).getSpec().getGroups().stream()
                .flatMap(group -> group.getRules().stream())
                .map(Rule::getAlert)
                .filter(Objects::nonNull)
                .toList();

        assertThat(alerts).isNotEmpty();
        assertThat(read("src/test/resources/alerts-test.yaml")).contains(alerts);
        assertThat(read("OPERATIONS.md")).contains(alerts);
    }

    private static String read(String file) throws IOException {
        return Files.readString(Path.of(file));
    }
}
