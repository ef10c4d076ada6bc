package io.deviceregistry.bootstrap.deploy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The objects that a folder of {@code deploy} makes, as the cluster would get them. */
public final class Kustomization {
    /** The kinds that there may be. Whoever wants another one adds it, and says in a test what it must be. */
    private static final Map<String, Class<? extends HasMetadata>> KINDS = Stream.of(
                    ConfigMap.class,
                    Deployment.class,
                    NetworkPolicy.class,
                    PodDisruptionBudget.class,
                    PrometheusRule.class,
                    Service.class,
                    ServiceAccount.class,
                    ServiceMonitor.class)
            .collect(Collectors.toMap(HasMetadata::getKind, Function.identity()));

    /** Refuses a key that is there twice, a field that Kubernetes does not know, and a value of another type. */
    private static final YAMLMapper MAPPER = YAMLMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .annotationIntrospector(new JacksonAnnotationIntrospector() {
                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                    // The classes would put aside what they do not know.
                    return false;
                }
            })
            .build();

    private final List<? extends HasMetadata> objects;

    private Kustomization(List<? extends HasMetadata> objects) {
        this.objects = objects;
    }

    /** @param folder of {@code bootstrap/deploy} */
    public static Kustomization of(String folder) throws IOException, InterruptedException {
        return read(Tool.KUBECTL.run(
                "kustomize", Path.of("deploy", folder).toAbsolutePath().toString()));
    }

    /** @param files of a folder as OPERATIONS.md tells to make, beside a checkout with the name {@code registry} */
    static Kustomization overlay(Map<String, String> files) throws IOException, InterruptedException {
        // Kustomize takes no absolute paths.
        Path folder = Files.createTempDirectory(Path.of("target"), "overlay");
        for (Map.Entry<String, String> file : files.entrySet()) {
            Files.writeString(
                    folder.resolve(file.getKey()), file.getValue().replace("../registry/bootstrap/", "../../"));
        }
        return read(Tool.KUBECTL.run("kustomize", folder.toAbsolutePath().toString()));
    }

    static Kustomization read(String yaml) throws IOException {
        try (MappingIterator<JsonNode> documents =
                MAPPER.readerFor(JsonNode.class).readValues(yaml)) {
            return new Kustomization(
                    documents.readAll().stream().map(Kustomization::parse).toList());
        }
    }

    private static HasMetadata parse(JsonNode document) {
        String kind = document.path("kind").asText();
        Class<? extends HasMetadata> type = KINDS.get(kind);
        if (type == null
                || !HasMetadata.getApiVersion(type)
                        .equals(document.path("apiVersion").asText())) {
            throw new IllegalArgumentException(
                    "There is no test of %s %s".formatted(document.path("apiVersion"), kind));
        }
        return MAPPER.convertValue(document, type);
    }

    List<String> kinds() {
        return objects.stream().map(HasMetadata::getKind).toList();
    }

    /** The one of its kind. */
    public <T extends HasMetadata> T the(Class<T> type) {
        List<T> found =
                objects.stream().filter(type::isInstance).map(type::cast).toList();
        if (found.size() != 1) {
            throw new AssertionError("There are %d of %s".formatted(found.size(), type.getSimpleName()));
        }
        return found.getFirst();
    }
}
