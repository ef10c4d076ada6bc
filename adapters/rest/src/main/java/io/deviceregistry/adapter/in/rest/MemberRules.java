package io.deviceregistry.adapter.in.rest;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import io.quarkus.smallrye.openapi.OpenApiFilter;
import io.quarkus.smallrye.openapi.OpenApiFilter.RunStage;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.ClassInfo;
import org.jboss.jandex.DotName;
import org.jboss.jandex.IndexView;
import org.jboss.jandex.RecordComponentInfo;
import org.jspecify.annotations.Nullable;

/**
 * Says in the OpenAPI document what the records say to the compiler and to Jackson, so that nobody has to say it twice: a
 * member is always there and never null, unless it is {@link Nullable} or {@link JsonInclude} leaves it out. A request
 * may also leave out what may be null, and has no members but those described.
 */
@OpenApiFilter(stages = RunStage.BUILD)
public class MemberRules implements OASFilter {
    private static final DotName NULLABLE = DotName.createSimple(Nullable.class);
    private static final DotName INCLUDE = DotName.createSimple(JsonInclude.class);
    private static final DotName SCHEMA =
            DotName.createSimple(org.eclipse.microprofile.openapi.annotations.media.Schema.class);

    private final IndexView index;

    public MemberRules(IndexView index) {
        this.index = index;
    }

    @Override
    public void filterOpenAPI(OpenAPI api) {
        Set<String> requests = SchemaUse.inRequests(api);
        Set<String> answers = SchemaUse.inAnswers(api);
        api.getComponents().getSchemas().forEach((name, schema) -> {
            if (schema.getProperties() != null) {
                boolean requested = requests.contains(name);
                describe(name, schema, requested, answers.contains(name) || !requested);
            }
        });
    }

    private void describe(String name, Schema schema, boolean requested, boolean answered) {
        ClassInfo type = recordOf(name);
        List<String> required = new ArrayList<>();
        for (RecordComponentInfo component : type.recordComponents()) {
            String member = memberName(name, schema, component);
            boolean nullable = component.type().hasAnnotation(NULLABLE);
            boolean omitted = isOmitted(type, component, nullable);
            if (!(requested && nullable) && !(answered && omitted)) {
                required.add(member);
            }
            if (nullable && (requested || !omitted)) {
                schema.addProperty(
                        member, orNull(requireNonNull(schema.getProperties().get(member))));
            }
        }
        schema.setRequired(required.isEmpty() ? null : required);
        if (!answered) {
            schema.setAdditionalPropertiesSchema(OASFactory.createSchema().booleanSchema(false));
        }
    }

    private ClassInfo recordOf(String schemaName) {
        List<DotName> records = index.getKnownClasses().stream()
                .filter(ClassInfo::isRecord)
                .map(ClassInfo::name)
                .filter(name -> name.toString().startsWith(MemberRules.class.getPackageName() + "."))
                .filter(name -> schemaName(index.getClassByName(name)).equals(schemaName))
                .distinct()
                .toList();
        if (records.size() != 1) {
            throw new IllegalStateException(
                    "The schema " + schemaName + " must be that of one record by @Schema(name), not of " + records);
        }
        return index.getClassByName(records.getFirst());
    }

    private static String schemaName(ClassInfo type) {
        AnnotationInstance schema = type.declaredAnnotation(SCHEMA);
        return schema == null || schema.value("name") == null
                ? type.simpleName()
                : schema.value("name").asString();
    }

    private static String memberName(String schemaName, Schema schema, RecordComponentInfo component) {
        return Stream.of(component.name(), SnakeCaseStrategy.INSTANCE.translate(component.name()))
                .filter(schema.getProperties()::containsKey)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "The schema " + schemaName + " has no member for the component " + component.name()));
    }

    /** Whether answers lack the member at times. */
    private static boolean isOmitted(ClassInfo type, RecordComponentInfo component, boolean nullable) {
        AnnotationInstance own = component.field().declaredAnnotation(INCLUDE);
        AnnotationInstance include = own == null ? type.declaredAnnotation(INCLUDE) : own;
        if (include == null || include.value() == null) {
            return false;
        }
        return switch (JsonInclude.Include.valueOf(include.value().asEnum())) {
            case ALWAYS, USE_DEFAULTS -> false;
            case NON_NULL, NON_ABSENT -> nullable;
            case NON_EMPTY, NON_DEFAULT, CUSTOM -> true;
        };
    }

    private static Schema orNull(Schema schema) {
        if (schema.getRef() != null) {
            // Whatever a type beside a reference says, the reference must hold too, and null would break it.
            return anyOfOrNull(OASFactory.createSchema().ref(schema.getRef())).description(schema.getDescription());
        }
        if (schema.getType() != null) {
            return schema.addType(SchemaType.NULL);
        }
        return isOfAnyType(schema) ? schema : anyOfOrNull(schema);
    }

    private static boolean isOfAnyType(Schema schema) {
        return schema.getAnyOf() == null && schema.getOneOf() == null && schema.getAllOf() == null;
    }

    private static Schema anyOfOrNull(Schema schema) {
        return OASFactory.createSchema()
                .anyOf(List.of(schema, OASFactory.createSchema().type(List.of(SchemaType.NULL))));
    }
}
