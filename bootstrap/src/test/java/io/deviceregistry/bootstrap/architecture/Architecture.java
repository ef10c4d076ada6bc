package io.deviceregistry.bootstrap.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import jakarta.ws.rs.core.Application;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.eclipse.microprofile.openapi.OASFilter;

/**
 * The rules of the hexagon. The root is a parameter so that every rule can also be held against code that breaks it.
 *
 * @param root the package in which the modules' packages lie
 */
record Architecture(String root) {

    /** The packages that the rules speak of, without the root. */
    static final Set<String> PACKAGES = Set.of(
            "domain", "application.port.in", "application.port.out", "application.service", "adapter", "bootstrap");

    private String in(String name) {
        return root + "." + name + "..";
    }

    ArchRule rule(String name) {
        return Objects.requireNonNull(rules().get(name), name);
    }

    Map<String, ArchRule> rules() {
        Map<String, ArchRule> rules = new LinkedHashMap<>();
        rules.put(
                "domain is plain Java",
                classes()
                        .that()
                        .resideInAPackage(in("domain"))
                        .should()
                        .onlyDependOnClassesThat()
                        .resideInAnyPackage(in("domain"), "java..", "org.jspecify..")
                        .because("the rules of the business outlive every framework"));
        rules.put(
                "application knows the domain and nothing else",
                classes()
                        .that()
                        .resideInAPackage(in("application"))
                        .should()
                        .onlyDependOnClassesThat()
                        .resideInAnyPackage(in("application"), in("domain"), "java..", "org.jspecify..")
                        .because("the use cases are tested without a container and say what they need in ports"));
        rules.put(
                "ports do not know their implementations",
                noClasses()
                        .that()
                        .resideInAPackage(in("application.port"))
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage(in("application.service"))
                        .because("a port that leans on one implementation is no port"));
        rules.put(
                "adapters do not know each other",
                slices().matching(root + ".adapter.(*).(*)..")
                        .should()
                        .notDependOnEachOther()
                        .because("an adapter can be added, replaced or dropped alone"));
        rules.put(
                "adapters do not know the use cases' classes",
                noClasses()
                        .that()
                        .resideInAPackage(in("adapter"))
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage(in("application.service"))
                        .because("what an adapter may use is in the ports"));
        rules.put(
                "only bootstrap knows adapters",
                noClasses()
                        .that()
                        .resideInAPackage(root + "..")
                        .and()
                        .resideOutsideOfPackages(in("adapter"), in("bootstrap"))
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage(in("adapter"))
                        .because("wiring is in one place"));
        rules.put(
                "nobody knows bootstrap",
                noClasses()
                        .that()
                        .resideOutsideOfPackage(in("bootstrap"))
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage(in("bootstrap"))
                        .because("it is the outermost module"));
        rules.put(
                "adapters keep their classes to themselves",
                classes()
                        .that()
                        .resideInAPackage(in("adapter"))
                        .and()
                        .areTopLevelClasses()
                        .and(DescribedPredicate.not(madeByTheFramework()))
                        .should()
                        .notBePublic()
                        .because("what nobody can name, nobody leans on"));
        return rules;
    }

    /** OpenAPI's classes are made by reflection, which needs them public. */
    private static DescribedPredicate<JavaClass> madeByTheFramework() {
        return JavaClass.Predicates.assignableTo(OASFilter.class)
                .or(JavaClass.Predicates.assignableTo(Application.class))
                .as("made by the framework");
    }
}
