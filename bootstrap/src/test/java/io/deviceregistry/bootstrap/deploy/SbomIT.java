package io.deviceregistry.bootstrap.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.cyclonedx.Version;
import org.junit.jupiter.api.Test;

/** The list of what is packaged, for those who look up what of it is known to be vulnerable. */
class SbomIT {
    private static final Pattern CLASSIFIER = Pattern.compile("[?&]classifier=([^&]+)");
    private static final Path SBOM = Path.of("target", "sbom.cdx.json");
    private static final Path PACKAGE = Path.of("target", "quarkus-app");
    private static final String SCHEMAS = "http://cyclonedx.org/schema/";

    @Test
    void given_the_list_then_it_is_what_cyclonedx_1_6_asks_for() throws IOException {
        String version = Version.VERSION_16.getVersionString();
        // The schemas come with a library, so that nothing is fetched.
        Schema schema = SchemaRegistry.withDefaultDialect(
                        SpecificationVersion.DRAFT_7,
                        registry -> registry.schemaIdResolvers(resolvers -> resolvers.mapPrefix(SCHEMAS, "classpath:")))
                .getSchema(SchemaLocation.of(SCHEMAS + "bom-" + version + ".schema.json"));

        assertThat(schema.validate("{\"bomFormat\":\"CycloneDX\"}", InputFormat.JSON))
                .isNotEmpty();
        assertThat(schema.validate(Files.readString(SBOM), InputFormat.JSON)).isEmpty();
        assertThat(sbom().path("specVersion").asText()).isEqualTo(version);
        assertThat(sbom().at("/metadata/component/name").asText()).isEqualTo("bootstrap");
    }

    @Test
    void given_the_package_then_its_libraries_are_in_the_list_and_no_others() throws IOException {
        assertThat(sbom().path("components"))
                .filteredOn(component -> component.path("purl").asText().endsWith("type=jar"))
                .filteredOn(component -> !component.path("name").asText().equals("bootstrap"))
                .extracting(component -> "%s.%s-%s%s.jar"
                        .formatted(
                                component.path("group").asText(),
                                component.path("name").asText(),
                                component.path("version").asText(),
                                classifier(component)))
                .containsExactlyInAnyOrderElementsOf(libraries());
    }

    /** As it is in a file's name; only the package URL tells it. */
    private static String classifier(JsonNode component) {
        Matcher matcher = CLASSIFIER.matcher(component.path("purl").asText());
        return matcher.find() ? "-" + matcher.group(1) : "";
    }

    private static JsonNode sbom() throws IOException {
        return new JsonMapper().readTree(SBOM.toFile());
    }

    /** Named by group, name and version. */
    private static List<String> libraries() throws IOException {
        try (Stream<Path> files = Files.walk(PACKAGE.resolve("lib"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".jar"))
                    .toList();
        }
    }
}
