package io.deviceregistry.bootstrap.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.deviceregistry.bootstrap.local.Dockerfile;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.SecretKeySelector;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.Endpoint;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import io.fabric8.openshift.api.model.monitoring.v1.TLSConfig;
import io.smallrye.config.ConfigMapping;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The objects of {@code deploy} fit each other and the service. */
class KustomizationTest {
    private static final Pattern KEY = Pattern.compile("`((?:quarkus|registry)\\.[a-z.<>-]+)`");
    private static final Pattern CAPITAL = Pattern.compile("[A-Z]");

    private static final Pattern BLOCK = Pattern.compile("```yaml\\n(.*?\\n) *```", Pattern.DOTALL);

    private static Kustomization base;
    private static Deployment deployment;

    @BeforeAll
    static void render() throws IOException, InterruptedException {
        base = Kustomization.of("base");
        deployment = base.the(Deployment.class);
    }

    @Test
    void given_a_field_that_kubernetes_does_not_know_when_read_then_it_is_refused() {
        assertThatThrownBy(() -> Kustomization.read("""
                        apiVersion: apps/v1
                        kind: Deployment
                        spec:
                          replica: 3
                        """)).hasMessageContaining("replica");
        assertThatThrownBy(() -> Kustomization.read("""
                        apiVersion: v1
                        kind: Service
                        kind: Service
                        """)).hasMessageContaining("Duplicate");
        assertThatThrownBy(() -> Kustomization.read("""
                        apiVersion: extensions/v1beta1
                        kind: Deployment
                        """)).hasMessageContaining("extensions/v1beta1");
    }

    @Test
    void given_the_base_then_it_has_one_object_of_each_kind_and_no_secret() {
        assertThat(base.kinds())
                .containsExactlyInAnyOrder(
                        "ConfigMap", "Deployment", "NetworkPolicy", "PodDisruptionBudget", "Service", "ServiceAccount");
    }

    @Test
    void given_the_documented_keys_then_they_are_those_that_the_service_reads() throws IOException {
        assertThat(documentedKeys().stream().filter(key -> key.startsWith("registry.")))
                .containsExactlyInAnyOrderElementsOf(mappedKeys());
    }

    @Test
    void given_the_settings_then_each_is_a_documented_one_and_what_is_secret_comes_by_reference() throws IOException {
        List<EnvVar> variables = container().getEnv();
        ConfigMap settings = base.the(ConfigMap.class);
        Set<String> documented = documentedKeys().stream()
                .map(KustomizationTest::variable)
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(variables).extracting(EnvVar::getName).isSubsetOf(documented).doesNotHaveDuplicates();
        assertThat(settings.getData().keySet()).isSubsetOf(documented);
        assertThat(container().getEnvFrom()).singleElement().satisfies(from -> {
            assertThat(from.getConfigMapRef().getName())
                    .isEqualTo(settings.getMetadata().getName());
            assertThat(from.getSecretRef()).isNull();
        });
        assertThat(variables).allSatisfy(variable -> {
            assertThat(variable.getValue()).isNull();
            assertThat(variable.getValueFrom().getSecretKeyRef().getName()).isEqualTo("device-registry");
            assertThat(variable.getName())
                    .endsWith(variable(variable.getValueFrom().getSecretKeyRef().getKey()));
        });
        assertThat(documented.stream().filter(KustomizationTest::isSecret))
                .containsExactlyInAnyOrderElementsOf(
                        variables.stream().map(EnvVar::getName).toList());
        assertThat(settings.getData().keySet()).noneMatch(KustomizationTest::isSecret);
    }

    private static boolean isSecret(String variable) {
        return Stream.of("_KEY", "_KEYS", "_USERNAME", "_PASSWORD").anyMatch(variable::endsWith);
    }

    @Test
    void given_all_replicas_and_one_more_then_their_connections_fit_the_default_of_a_server() {
        int replicas = deployment.getSpec().getReplicas()
                + deployment
                        .getSpec()
                        .getStrategy()
                        .getRollingUpdate()
                        .getMaxSurge()
                        .getIntVal();
        int each = Integer.parseInt(base.the(ConfigMap.class).getData().get("QUARKUS_DATASOURCE_JDBC_MAX_SIZE"));

        // 100, of which the server keeps 3 for superusers.
        assertThat(replicas * each).isLessThan(97);
    }

    @Test
    void given_a_new_version_when_it_rolls_out_then_no_replica_less_serves() {
        assertThat(deployment.getSpec().getReplicas()).isGreaterThanOrEqualTo(2);
        assertThat(deployment.getSpec().getStrategy().getType()).isEqualTo("RollingUpdate");
        assertThat(deployment
                        .getSpec()
                        .getStrategy()
                        .getRollingUpdate()
                        .getMaxUnavailable()
                        .getIntVal())
                .isZero();
    }

    @Test
    void given_the_probes_then_each_asks_the_port_of_the_service_for_its_own_health() {
        Map<String, Probe> probes = Map.of(
                "/q/health/started", container().getStartupProbe(),
                "/q/health/live", container().getLivenessProbe(),
                "/q/health/ready", container().getReadinessProbe());

        assertThat(probes).allSatisfy((path, probe) -> {
            assertThat(probe.getHttpGet().getPath()).isEqualTo(path);
            assertThat(probe.getHttpGet().getPort().getStrVal()).isEqualTo("http");
        });
        assertThat(port().getContainerPort()).isEqualTo(8080);
    }

    @Test
    void given_a_stop_then_there_is_time_for_the_pause_and_for_the_requests_under_way() throws IOException {
        Duration pause = Duration.parse("PT" + applicationProperties().getProperty("quarkus.shutdown.delay"));
        Duration requests = Duration.parse("PT" + applicationProperties().getProperty("quarkus.shutdown.timeout"));

        assertThat(pause).isPositive();
        assertThat(pod().getTerminationGracePeriodSeconds())
                .isGreaterThan(pause.plus(requests).toSeconds() + CALL_AND_ITS_SETTLING);
    }

    /** In seconds: the longest that a worker waits for a provider, and then for the database. */
    private static final int CALL_AND_ITS_SETTLING = 10 + 10;

    @Test
    void given_the_pod_then_it_may_do_nothing_that_it_does_not_need() {
        assertThat(pod().getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod().getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        assertThat(container().getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(container().getSecurityContext().getAllowPrivilegeEscalation())
                .isFalse();
        assertThat(container().getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(container().getSecurityContext().getCapabilities().getAdd()).isEmpty();
        assertThat(container().getSecurityContext().getPrivileged()).isNull();
        assertThat(pod().getHostNetwork()).isNull();
        assertThat(container().getVolumeMounts())
                .singleElement()
                .satisfies(mount -> assertThat(mount.getMountPath()).isEqualTo("/tmp"));
        assertThat(pod().getVolumes())
                .singleElement()
                .satisfies(volume -> assertThat(volume.getEmptyDir()).isNotNull());
        assertThat(pod().getServiceAccountName())
                .isEqualTo(base.the(ServiceAccount.class).getMetadata().getName());
        assertThat(pod().getAutomountServiceAccountToken()).isFalse();
        assertThat(base.the(ServiceAccount.class).getAutomountServiceAccountToken())
                .isFalse();
    }

    @Test
    void given_the_image_then_its_user_is_the_pods() {
        assertThat(Dockerfile.instructions("USER"))
                .containsExactly("%d:%d"
                        .formatted(
                                pod().getSecurityContext().getRunAsUser(),
                                pod().getSecurityContext().getRunAsGroup()));
    }

    @Test
    void given_the_memory_then_as_much_is_asked_for_as_may_be_used() {
        assertThat(container().getResources().getRequests()).containsKeys("cpu", "memory");
        assertThat(container().getResources().getLimits().get("memory"))
                .isEqualTo(container().getResources().getRequests().get("memory"));
    }

    @Test
    void given_the_selectors_then_each_finds_the_pods() {
        Map<String, String> labels = template().getMetadata().getLabels();
        Map<String, String> chosenByService = base.the(Service.class).getSpec().getSelector();
        assertThat(chosenByService).isNotEmpty();
        assertThat(labels).containsAllEntriesOf(chosenByService);
        List<LabelSelector> selectors = new ArrayList<>(List.of(
                deployment.getSpec().getSelector(),
                base.the(PodDisruptionBudget.class).getSpec().getSelector(),
                base.the(NetworkPolicy.class).getSpec().getPodSelector()));
        pod().getTopologySpreadConstraints().forEach(spread -> selectors.add(spread.getLabelSelector()));
        assertThat(selectors).hasSize(5).allSatisfy(selector -> {
            assertThat(selector.getMatchLabels()).isNotEmpty();
            assertThat(labels).containsAllEntriesOf(selector.getMatchLabels());
        });
    }

    @Test
    void given_the_service_then_it_leads_to_the_port_that_is_open() {
        assertThat(base.the(Service.class).getSpec().getPorts())
                .singleElement()
                .extracting(port -> port.getTargetPort().getStrVal())
                .isEqualTo(port().getName());
    }

    @Test
    void given_the_network_policy_then_only_the_port_is_open_and_only_what_is_needed_can_be_reached() {
        NetworkPolicy policy = base.the(NetworkPolicy.class);

        assertThat(policy.getSpec().getPolicyTypes()).containsExactlyInAnyOrder("Ingress", "Egress");
        assertThat(policy.getSpec().getIngress()).singleElement().satisfies(rule -> {
            assertThat(rule.getPorts())
                    .singleElement()
                    .extracting(port -> port.getPort().getStrVal())
                    .isEqualTo(port().getName());
            assertThat(rule.getFrom()).isNotEmpty();
        });
        assertThat(policy.getSpec().getEgress().stream()
                        .flatMap(rule -> rule.getPorts().stream())
                        .map(KustomizationTest::portAndProtocol))
                .containsExactlyInAnyOrder("53 UDP", "53 TCP", "443 TCP", "5432 TCP");
    }

    private static String portAndProtocol(NetworkPolicyPort port) {
        return port.getPort().getIntVal() + " " + port.getProtocol();
    }

    @Test
    void given_tls_then_callers_are_led_to_https_and_let_to_nothing_else_and_probes_to_the_plain_port()
            throws Exception {
        Kustomization tls = Kustomization.of("tls");
        Container container = tls.the(Deployment.class)
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst();
        Map<String, String> settings = tls.the(ConfigMap.class).getData();

        assertThat(container.getPorts())
                .extracting(ContainerPort::getName, ContainerPort::getContainerPort)
                .containsExactlyInAnyOrder(tuple("http", 8080), tuple("https", 8443));
        assertThat(settings).containsEntry("QUARKUS_HTTP_SSL_PORT", "8443");
        assertThat(settings.entrySet())
                .containsAll(base.the(ConfigMap.class).getData().entrySet());
        assertThat(tls.the(Service.class).getSpec().getPorts())
                .singleElement()
                .extracting(port -> port.getTargetPort().getStrVal())
                .isEqualTo("https");
        assertThat(tls.the(NetworkPolicy.class).getSpec().getIngress())
                .singleElement()
                .satisfies(rule -> {
                    assertThat(rule.getPorts())
                            .singleElement()
                            .extracting(port -> port.getPort().getStrVal())
                            .isEqualTo("https");
                    assertThat(rule.getFrom())
                            .isEqualTo(base.the(NetworkPolicy.class)
                                    .getSpec()
                                    .getIngress()
                                    .getFirst()
                                    .getFrom());
                });
        assertThat(container.getReadinessProbe().getHttpGet().getPort().getStrVal())
                .isEqualTo("http");
        assertThat(container.getVolumeMounts())
                .extracting(VolumeMount::getMountPath)
                .containsExactlyInAnyOrder("/tmp", "/etc/device-registry/tls");
        assertThat(settings.values().stream().filter(value -> value.startsWith("/")))
                .isNotEmpty()
                .allSatisfy(file -> assertThat(file).startsWith("/etc/device-registry/tls/"));
        assertThat(Files.readString(Path.of("OPERATIONS.md")))
                .as("the same settings, with files in another place")
                .contains(settings.entrySet().stream()
                        .filter(setting -> setting.getKey().matches("QUARKUS_(HTTP|TLS)_.*"))
                        .map(setting ->
                                setting.getKey() + "=" + setting.getValue().replace("/etc/device-registry/tls/", ""))
                        .toList());
    }

    @Test
    void given_a_drain_then_one_replica_at_a_time_may_go_even_while_none_is_ready() {
        PodDisruptionBudget budget = base.the(PodDisruptionBudget.class);

        assertThat(budget.getSpec().getMaxUnavailable().getIntVal()).isEqualTo(1);
        assertThat(budget.getSpec().getUnhealthyPodEvictionPolicy()).isEqualTo("AlwaysAllow");
    }

    @Test
    void given_the_service_monitor_then_it_finds_the_service_and_its_port() throws Exception {
        ServiceMonitor monitor = Kustomization.of("monitoring").the(ServiceMonitor.class);
        Service service = base.the(Service.class);

        assertThat(monitor.getSpec().getSelector().getMatchLabels()).isNotEmpty();
        assertThat(service.getMetadata().getLabels())
                .containsAllEntriesOf(monitor.getSpec().getSelector().getMatchLabels())
                .containsEntry(monitor.getSpec().getJobLabel(), "device-registry");
        assertThat(monitor.getSpec().getEndpoints())
                .singleElement()
                .satisfies(endpoint -> assertThat(service.getSpec().getPorts())
                        .extracting(ServicePort::getName)
                        .contains(endpoint.getPort()));
    }

    @Test
    void given_the_dashboard_then_it_is_there_for_whatever_loads_dashboards() throws Exception {
        ConfigMap dashboard = Kustomization.of("grafana").the(ConfigMap.class);

        assertThat(dashboard.getMetadata().getLabels()).containsEntry("grafana_dashboard", "1");
        assertThat(dashboard.getData())
                .containsEntry(
                        "device-registry.json", Files.readString(Path.of("deploy", "grafana", "dashboard.json")));
    }

    @Test
    void given_tls_then_prometheus_asks_the_port_that_serves_it_and_trusts_the_same_authority() throws Exception {
        Kustomization tls = Kustomization.of("tls");
        ServiceMonitor plain = Kustomization.of("monitoring").the(ServiceMonitor.class);
        ServiceMonitor monitor = Kustomization.of("monitoring-tls").the(ServiceMonitor.class);
        Endpoint endpoint = monitor.getSpec().getEndpoints().getFirst();
        SecretKeySelector authority = endpoint.getTlsConfig().getCa().getSecret();

        assertThat(endpoint.getScheme()).isEqualTo("https");
        assertThat(tls.the(Service.class).getSpec().getPorts())
                .singleElement()
                .extracting(ServicePort::getName)
                .isEqualTo(endpoint.getPort());
        assertThat(tls.the(Deployment.class).getSpec().getTemplate().getSpec().getVolumes())
                .filteredOn(volume -> volume.getSecret() != null)
                .extracting(volume -> volume.getSecret().getSecretName())
                .containsExactly(authority.getName());
        assertThat(operations())
                .contains("kubectl create secret generic " + authority.getName())
                .contains("--from-file=" + authority.getKey())
                .contains("subjectAltName=DNS:" + endpoint.getTlsConfig().getServerName() + ",");
        endpoint.setPort(plain.getSpec().getEndpoints().getFirst().getPort());
        endpoint.setScheme(null);
        endpoint.setTlsConfig(null);
        assertThat(monitor).as("and nothing else").isEqualTo(plain);
    }

    @Test
    void given_the_overlays_of_the_manual_then_they_are_rendered_and_prometheus_shows_a_certificate_of_its_own()
            throws Exception {
        String overlay = block("kind: Kustomization");
        String overlayWithTls =
                overlay.replace("deploy/base", "deploy/tls").replace("deploy/monitoring", "deploy/monitoring-tls")
                        + block("kind: ServiceMonitor");

        assertThat(Kustomization.overlay(Map.of("kustomization.yaml", overlay)).kinds())
                .contains("Deployment", "ServiceMonitor", "PrometheusRule");
        Kustomization tls = Kustomization.overlay(
                Map.of("kustomization.yaml", overlayWithTls, "prometheus.yaml", block("- op: replace")));

        assertThat(tls.the(Deployment.class).getMetadata().getNamespace()).isEqualTo("device-registry");
        assertThat(tls.the(ServiceMonitor.class).getMetadata().getNamespace()).isEqualTo("device-registry");
        assertThat(tls.the(ServiceMonitor.class).getSpec().getEndpoints())
                .singleElement()
                .satisfies(endpoint -> {
                    assertThat(endpoint.getScheme()).isEqualTo("https");
                    TLSConfig config = endpoint.getTlsConfig();
                    assertThat(config.getServerName()).isEqualTo("device-registry.another-namespace.svc");
                    assertThat(config.getCa().getSecret().getName()).isEqualTo("device-registry-tls");
                    // The operator refuses one without the other.
                    assertThat(config.getCert().getSecret().getKey()).isEqualTo("tls.crt");
                    assertThat(config.getKeySecret().getKey()).isEqualTo("tls.key");
                    assertThat(config.getKeySecret().getName())
                            .isEqualTo(config.getCert().getSecret().getName());
                    assertThat(config.getInsecureSkipVerify()).isNull();
                });
    }

    @Test
    void given_the_patch_of_the_operations_page_then_a_database_in_the_cluster_can_be_reached_by_its_labels_besides()
            throws Exception {
        Kustomization patched = Kustomization.overlay(Map.of(
                "kustomization.yaml",
                block("kind: Kustomization") + block("kind: NetworkPolicy"),
                "postgres.yaml",
                block("path: /spec/egress/-")));

        List<NetworkPolicyEgressRule> egress =
                patched.the(NetworkPolicy.class).getSpec().getEgress();

        assertThat(egress)
                .startsWith(
                        base.the(NetworkPolicy.class).getSpec().getEgress().toArray(NetworkPolicyEgressRule[]::new));
        assertThat(egress)
                .hasSize(base.the(NetworkPolicy.class).getSpec().getEgress().size() + 1)
                .last()
                .satisfies(rule -> {
                    assertThat(rule.getPorts())
                            .extracting(KustomizationTest::portAndProtocol)
                            .containsExactly("5432 TCP");
                    // In two entries, each selector would let out by itself.
                    assertThat(rule.getTo()).singleElement().satisfies(peer -> {
                        assertThat(peer.getIpBlock()).isNull();
                        assertThat(peer.getNamespaceSelector().getMatchLabels()).isNotEmpty();
                        assertThat(peer.getPodSelector().getMatchLabels()).isNotEmpty();
                    });
                });
    }

    private static String operations() throws IOException {
        return Files.readString(Path.of("OPERATIONS.md"));
    }

    /** The one of OPERATIONS.md that has these words, without what it is indented by. */
    private static String block(String words) throws IOException {
        List<String> blocks = BLOCK.matcher(operations())
                .results()
                .map(block -> block.group(1).stripTrailing().stripIndent() + "\n")
                .filter(block -> block.contains(words))
                .toList();
        assertThat(blocks).as(words).hasSize(1);
        return blocks.getFirst();
    }

    private static PodTemplateSpec template() {
        return deployment.getSpec().getTemplate();
    }

    private static PodSpec pod() {
        return template().getSpec();
    }

    private static Container container() {
        assertThat(pod().getContainers()).hasSize(1);
        return pod().getContainers().getFirst();
    }

    private static ContainerPort port() {
        assertThat(container().getPorts()).hasSize(1);
        return container().getPorts().getFirst();
    }

    private static String variable(String key) {
        return key.replaceAll("[.-]", "_").toUpperCase(Locale.ROOT);
    }

    /** Those of the first table of README's chapter. */
    private static Set<String> documentedKeys() throws IOException {
        String readme = Files.readString(Path.of("..", "README.md"));
        String chapter = readme.substring(readme.indexOf("\n## Configuration\n"), readme.indexOf("\n## Operation\n"));
        return chapter.lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.substring(0, line.indexOf('|', 1)))
                .flatMap(column -> KEY.matcher(column).results())
                .map(MatchResult::group)
                .map(key -> key.replace("`", ""))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** As {@code ConfigMapping} makes them of the names of methods. */
    private static Set<String> mappedKeys() {
        Set<String> keys = new TreeSet<>();
        new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("io.deviceregistry").stream()
                        .filter(type -> type.isAnnotatedWith(ConfigMapping.class))
                        .forEach(type -> type.getMethods().stream()
                                .filter(method -> method.getModifiers().contains(JavaModifier.ABSTRACT))
                                .forEach(method -> keys.add(type.getAnnotationOfType(ConfigMapping.class)
                                                .prefix()
                                        + "."
                                        + CAPITAL.matcher(method.getName())
                                                .replaceAll(capital ->
                                                        "-" + capital.group().toLowerCase(Locale.ROOT)))));
        return keys;
    }

    private static Properties applicationProperties() throws IOException {
        Properties properties = new Properties();
        try (InputStream in = KustomizationTest.class.getResourceAsStream("/application.properties")) {
            properties.load(in);
        }
        return properties;
    }
}
