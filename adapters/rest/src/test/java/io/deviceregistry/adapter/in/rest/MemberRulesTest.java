package io.deviceregistry.adapter.in.rest;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import java.io.IOException;
import java.util.List;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.Content;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;
import org.jboss.jandex.Index;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MemberRulesTest {

    record Asked(
            String needed,
            @Nullable String optional,
            @Nullable Object whatever,
            List<Shared> shared) {}

    record Answered(
            String alwaysThere,
            @Nullable String text,
            @Nullable Shared shared,
            @JsonInclude(Include.NON_NULL) @Nullable String omitted) {}

    @JsonInclude(Include.NON_EMPTY)
    record Shared(String sparse, @Nullable String optional) {}

    /** As the framework would describe these records, and an operation that takes and answers them. */
    private static OpenAPI described() {
        Operation operation = OASFactory.createOperation()
                .requestBody(OASFactory.createRequestBody().content(json("Asked")))
                .responses(OASFactory.createAPIResponses()
                        .addAPIResponse("204", OASFactory.createAPIResponse())
                        .addAPIResponse("200", OASFactory.createAPIResponse().content(json("Answered"))));
        return OASFactory.createOpenAPI()
                .paths(OASFactory.createPaths()
                        .addPathItem("/", OASFactory.createPathItem().POST(operation)))
                .components(OASFactory.createComponents()
                        .addSchema(
                                "Asked",
                                object("needed", "optional")
                                        .addProperty(
                                                "whatever",
                                                OASFactory.createSchema().description("Any value"))
                                        .addProperty(
                                                "shared",
                                                OASFactory.createSchema()
                                                        .type(List.of(SchemaType.ARRAY))
                                                        .items(reference("Shared"))))
                        .addSchema(
                                "Answered",
                                object("always_there", "text", "omitted")
                                        .addProperty(
                                                "shared",
                                                // The framework adds the type to a reference with a description.
                                                reference("Shared")
                                                        .description("What others have too")
                                                        .type(List.of(SchemaType.OBJECT))))
                        .addSchema("Shared", object("sparse", "optional")));
    }

    private static Content json(String schema) {
        return OASFactory.createContent()
                .addMediaType("application/json", OASFactory.createMediaType().schema(reference(schema)));
    }

    private static Schema reference(String schema) {
        return OASFactory.createSchema().ref(schema);
    }

    private static Schema object(String... texts) {
        Schema object = OASFactory.createSchema().type(List.of(SchemaType.OBJECT));
        for (String text : texts) {
            object.addProperty(text, OASFactory.createSchema().type(List.of(SchemaType.STRING)));
        }
        return object;
    }

    private static OpenAPI ruled(OpenAPI api, Class<?>... records) throws IOException {
        new MemberRules(Index.of(records)).filterOpenAPI(api);
        return api;
    }

    private static Schema ruled(String schema) throws IOException {
        return schema(ruled(described(), Asked.class, Answered.class, Shared.class), schema);
    }

    private static Schema schema(OpenAPI api, String name) {
        return requireNonNull(api.getComponents().getSchemas().get(name));
    }

    private static Schema member(Schema schema, String name) {
        return requireNonNull(schema.getProperties().get(name));
    }

    @Test
    void an_answer_has_every_member_that_is_not_omitted_and_null_only_where_the_record_allows_it() throws Exception {
        Schema answered = ruled("Answered");

        assertThat(answered.getRequired()).containsExactlyInAnyOrder("always_there", "text", "shared");
        assertThat(member(answered, "always_there").getType()).containsExactly(SchemaType.STRING);
        assertThat(member(answered, "text").getType()).containsExactly(SchemaType.STRING, SchemaType.NULL);
        assertThat(member(answered, "omitted").getType()).containsExactly(SchemaType.STRING);
        assertThat(member(answered, "shared").getAnyOf())
                .satisfiesExactly(
                        either -> {
                            assertThat(either.getRef()).endsWith("/Shared");
                            assertThat(either.getType()).isNull();
                        },
                        or -> assertThat(or.getType()).containsExactly(SchemaType.NULL));
        assertThat(member(answered, "shared").getDescription()).isEqualTo("What others have too");
        assertThat(answered.getAdditionalPropertiesSchema()).isNull();
    }

    @Test
    void a_request_may_leave_out_what_may_be_null_and_has_no_other_members() throws Exception {
        Schema asked = ruled("Asked");

        assertThat(asked.getRequired()).containsExactlyInAnyOrder("needed", "shared");
        assertThat(member(asked, "optional").getType()).containsExactly(SchemaType.STRING, SchemaType.NULL);
        assertThat(asked.getAdditionalPropertiesSchema().getBooleanSchema()).isFalse();
    }

    @Test
    void what_may_be_any_value_may_be_null_as_it_is() throws Exception {
        assertThat(member(ruled("Asked"), "whatever"))
                .isEqualTo(OASFactory.createSchema().description("Any value"));
    }

    @Test
    void what_requests_and_answers_share_allows_what_either_does() throws Exception {
        Schema shared = ruled("Shared");

        assertThat(shared.getRequired()).isNull();
        assertThat(member(shared, "sparse").getType()).containsExactly(SchemaType.STRING);
        assertThat(member(shared, "optional").getType()).containsExactly(SchemaType.STRING, SchemaType.NULL);
        assertThat(shared.getAdditionalPropertiesSchema()).isNull();
    }

    @Test
    void a_schema_that_is_not_a_records_is_refused() {
        assertThatThrownBy(() -> ruled(described(), Asked.class, Answered.class))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Shared");
    }

    @Test
    void a_component_without_a_member_is_refused() {
        OpenAPI api = described();
        schema(api, "Answered").removeProperty("always_there");

        assertThatThrownBy(() -> ruled(api, Asked.class, Answered.class, Shared.class))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Answered")
                .hasMessageContaining("alwaysThere");
    }

    private static final class Elsewhere {
        record Shared() {}
    }

    @Test
    void two_records_of_one_name_are_refused() {
        assertThatThrownBy(() -> ruled(described(), Asked.class, Answered.class, Shared.class, Elsewhere.Shared.class))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Elsewhere");
    }
}
