package io.deviceregistry.commandline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** API keys. */
@Command(
        name = "key",
        description =
                "Issues, lists and revokes API keys of the service at REGISTRY_URL (http://localhost:8080), with the "
                        + "key in REGISTRY_API_KEY, which needs the scope keys:manage.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class KeyCommand {
    private static final String PATH = "/v1/api-keys";
    private static final String ROW = "%-36s  %-20s  %-6s  %-24s  %-24s  %-8s  %s%n";

    private final Supplier<RegistryApi> registry;
    private final PrintWriter out;
    private final PrintWriter err;

    KeyCommand(Supplier<RegistryApi> registry, PrintWriter out, PrintWriter err) {
        this.registry = registry;
        this.out = out;
        this.err = err;
    }

    @Command(
            description = "Issues a key and prints it, alone on the standard output: it can never be seen again.",
            mixinStandardHelpOptions = true)
    void issue(
            @Parameters(paramLabel = "CALLER", description = "whom it is for, by a name of a-z 0-9 . _ and -")
                    String caller,
            @Option(
                            names = "--scope",
                            required = true,
                            split = ",",
                            paramLabel = "SCOPE",
                            description =
                                    "what the caller may do with it, such as devices:read; several between commas")
                    List<String> scopes,
            @Option(
                            names = "--expires",
                            paramLabel = "TIME",
                            description = "until when, such as 2030-01-01T00:00:00Z; for ever, if not given")
                    @Nullable String expires) {
        ObjectNode grant = JsonNodeFactory.instance.objectNode().put("caller", caller);
        scopes.forEach(grant.putArray("scopes")::add);
        if (expires != null) {
            grant.put("expires_at", expires);
        }
        JsonNode issued = registry.get().post(PATH, grant);
        err.println("Issued " + issued.at("/api_key/api_key_id").asText() + " to " + caller + ":");
        out.println(issued.path("key").asText());
    }

    @Command(description = "Lists all keys, by what is known of them.", mixinStandardHelpOptions = true)
    void list() {
        RegistryApi api = registry.get();
        out.printf(Locale.ROOT, ROW, "id", "caller", "ends", "last used", "expires", "state", "scopes");
        String cursor = "";
        do {
            JsonNode page = api.get(PATH + cursor);
            page.path("api_keys").forEach(this::print);
            JsonNode next = page.path("next_cursor");
            cursor = next.isTextual() ? "?cursor=" + URLEncoder.encode(next.asText(), StandardCharsets.UTF_8) : "";
        } while (!cursor.isEmpty());
    }

    private void print(JsonNode key) {
        StringBuilder scopes = new StringBuilder();
        key.path("scopes")
                .forEach(scope -> scopes.append(scopes.isEmpty() ? "" : ",").append(scope.asText()));
        out.printf(
                Locale.ROOT,
                ROW,
                key.path("api_key_id").asText(),
                key.path("caller").asText(),
                key.path("hint").asText(),
                textOr(key.path("last_used_at"), "never"),
                textOr(key.path("expires_at"), "never"),
                key.path("revoked_at").isTextual() ? "revoked" : "issued",
                scopes);
    }

    private static String textOr(JsonNode value, String other) {
        return value.isTextual() ? value.asText() : other;
    }

    @Command(
            description = "Revokes a key for good; within five seconds every replica refuses it.",
            mixinStandardHelpOptions = true)
    void revoke(@Parameters(paramLabel = "ID", description = "the key's id, as list shows it") String id) {
        registry.get().delete(PATH + "/" + URLEncoder.encode(id, StandardCharsets.UTF_8));
        err.println("Revoked " + id + ".");
    }
}
