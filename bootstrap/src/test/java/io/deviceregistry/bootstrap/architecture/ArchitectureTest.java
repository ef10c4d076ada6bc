package io.deviceregistry.bootstrap.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ArchitectureTest {
    private static final Architecture OURS = new Architecture("io.deviceregistry");

    /** Code in which every rule is broken once. */
    private static final Architecture BROKEN = new Architecture("io.deviceregistry.bootstrap.architecture.broken");

    private static final JavaClasses PRODUCTION = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages(OURS.root());

    static Set<String> rules() {
        return OURS.rules().keySet();
    }

    static Stream<String> packages() {
        return Architecture.PACKAGES.stream();
    }

    @ParameterizedTest
    @MethodSource("rules")
    void our_code_keeps_the_rule(String rule) {
        OURS.rule(rule).check(PRODUCTION);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void the_rule_can_fail(String rule) {
        JavaClasses broken = new ClassFileImporter().importPackages(BROKEN.root());

        assertThatThrownBy(() -> BROKEN.rule(rule).check(broken))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("was violated");
    }

    @ParameterizedTest
    @MethodSource("packages")
    void a_package_that_the_rules_name_exists(String name) {
        assertThat(PRODUCTION)
                .anyMatch(type -> (type.getPackageName() + ".").startsWith(OURS.root() + "." + name + "."));
    }

    @Test
    void the_sandbox_is_not_part_of_the_application() {
        assertThat(PRODUCTION)
                .noneMatch(type -> !type.getPackageName().startsWith("io.deviceregistry.sandbox")
                        && type.getDirectDependenciesFromSelf().stream()
                                .anyMatch(dependency -> dependency
                                        .getTargetClass()
                                        .getPackageName()
                                        .startsWith("io.deviceregistry.sandbox")));
    }
}
