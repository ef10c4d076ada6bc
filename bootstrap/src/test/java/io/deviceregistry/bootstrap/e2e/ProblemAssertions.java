package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import java.util.ArrayList;
import java.util.List;

/** The one form of all refusals. */
final class ProblemAssertions {
    private static final List<String> MEMBERS =
            List.of("type", "title", "status", "detail", "code", "success", "message");

    private ProblemAssertions() {}

    static void assertProblem(Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.contentType()).isEqualTo("application/problem+json");
        JsonNode problem = answer.json();
        assertThat(answer.members("").subList(0, MEMBERS.size())).isEqualTo(MEMBERS);
        assertThat(problem.path("type").asText()).isEqualTo("about:blank");
        assertThat(problem.path("title").asText()).isNotEmpty();
        assertThat(problem.path("status").intValue()).isEqualTo(status);
        assertThat(problem.path("detail").asText()).isNotEmpty();
        assertThat(problem.path("code").asText()).isEqualTo(code);
        assertThat(problem.path("success").isBoolean()).isTrue();
        assertThat(problem.path("success").asBoolean()).isFalse();
        assertThat(problem.path("message").asText()).isNotEmpty();
        assertThat(problem.path("errors").isArray())
                .as("only faults of the request are listed")
                .isEqualTo(status == 422);
        problem.path("errors").forEach(fault -> {
            assertThat(fault.has("pointer")).isNotEqualTo(fault.has("parameter"));
            assertThat(fault.path("detail").asText()).isNotEmpty();
        });
    }

    /** The pointer, or the parameter, of each fault of a request that is not valid. */
    static List<String> faults(Answer answer) {
        return faults(answer, "INVALID_REQUEST");
    }

    static List<String> faults(Answer answer, String code) {
        assertProblem(answer, 422, code);
        List<String> faults = new ArrayList<>();
        answer.json()
                .path("errors")
                .forEach(fault -> faults.add(
                        fault.path("pointer").asText(fault.path("parameter").asText())));
        return faults;
    }
}
