package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.deviceregistry.application.port.in.AnswerOnce;
import io.deviceregistry.application.port.out.Answer;
import io.deviceregistry.application.port.out.IdempotentRequest;
import io.deviceregistry.application.port.out.RequestKey;
import io.deviceregistry.domain.InvalidValueException;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.RequestScoped;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.SecurityContext;
import jakarta.ws.rs.core.UriInfo;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests that write. With an {@code Idempotency-Key} (draft-ietf-httpapi-idempotency-key-header), a repeated
 * request gets the first one's answer again, and takes effect once.
 */
@RequestScoped
class IdempotentAnswers {
    static final String HEADER = "Idempotency-Key";

    /** Says that the answer is an earlier one's. */
    static final String REPLAYED_HEADER = "Idempotency-Replayed";

    /** Visible ASCII, in quotes as the draft has it or without, as most clients send it. */
    private static final Pattern KEY = Pattern.compile("\"[ !#-~]{1,255}\"|[!#-~]{1,255}");

    private final AnswerOnce answerOnce;
    private final ObjectMapper mapper;
    private final HttpServerRequest request;
    private final UriInfo uri;
    private final SecurityContext security;
    private boolean repeated;
    private boolean done;

    IdempotentAnswers(
            AnswerOnce answerOnce,
            ObjectMapper mapper,
            HttpServerRequest request,
            UriInfo uri,
            SecurityContext security) {
        this.answerOnce = answerOnce;
        this.mapper = mapper;
        this.request = request;
        this.uri = uri;
        this.security = security;
    }

    /** @param entity what the body is made of; null for none */
    record Reply(int status, @Nullable Object entity) {
        static final Reply WITHOUT_CONTENT = new Reply(204, null);
    }

    /** Notes a key that is none. */
    void check(Faults faults) {
        key(faults);
    }

    /**
     * @param body the request's body, by which it is told from others with the same key
     * @param work one call of a use case that changes something
     */
    Response answer(JsonBody body, Supplier<Reply> work) {
        return answer(body, work, around(work), reply -> reply);
    }

    /** A use case that remembers what it answers together with what it changes. */
    interface Once<T> {

        /** @param answer renders the result, on any thread */
        Answer of(IdempotentRequest request, Function<T, String> answer);
    }

    /**
     * @param body the request's body, by which it is told from others with the same key
     * @param work one call of a use case that changes something, for a request without a key
     * @param once the same, for one with a key
     * @param reply made of the result; it must need nothing of the request, for it may be made on any thread
     */
    <T> Response answer(JsonBody body, Supplier<T> work, Once<T> once, Function<T, Reply> reply) {
        Optional<String> key = key(new Faults());
        if (key.isEmpty()) {
            Reply made = reply.apply(work.get());
            return Response.status(made.status()).entity(made.entity()).build();
        }
        Part part = part(key.get(), body, "", once, reply);
        Response.ResponseBuilder response = Response.status(part.status());
        if (part.status() != Response.Status.NO_CONTENT.getStatusCode()) {
            response.type(MediaType.APPLICATION_JSON_TYPE).entity(part.json());
        }
        return marked(response).build();
    }

    /** The answer, saying so if all of it was given before. */
    Response.ResponseBuilder marked(Response.ResponseBuilder response) {
        return repeated && !done ? response.header(REPLAYED_HEADER, "true") : response;
    }

    private record Part(int status, String json) {
        @Override
        public String toString() {
            return "an answer with " + status;
        }
    }

    /** Remembers what any other use case answers. */
    private Once<Reply> around(Supplier<Reply> work) {
        return (asked, answer) -> answerOnce.once(asked, () -> answer.apply(work.get()));
    }

    private <T> Part part(String key, JsonBody body, String suffix, Once<T> once, Function<T, Reply> reply) {
        RequestKey requestKey = new RequestKey(
                security.getUserPrincipal().getName(), request.method() + " " + uri.getPath() + suffix, key);
        Answer answer = once.of(new IdempotentRequest(requestKey, body.bytes()), result -> text(reply.apply(result)));
        repeated |= answer.repeated();
        done |= !answer.repeated();
        int space = answer.content().indexOf(' ');
        return new Part(
                Integer.parseInt(answer.content(), 0, space, 10),
                answer.content().substring(space + 1));
    }

    private String text(Reply reply) {
        try {
            return reply.status() + " " + mapper.writeValueAsString(reply.entity());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Answers can always be written as JSON", e);
        }
    }

    /**
     * One of several steps in which a request is worked on, each of which takes effect once: a request that is repeated
     * finds the steps that were done, and the others are done.
     *
     * @param step tells the step from the request's others
     */
    <T> T step(JsonBody body, int step, Class<T> type, Supplier<T> work) {
        Optional<String> key = key(new Faults());
        if (key.isEmpty()) {
            return work.get();
        }
        try {
            return mapper.readValue(
                    part(key.get(), body, " step " + step, around(() -> new Reply(200, work.get())), reply -> reply)
                            .json(),
                    type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A remembered answer cannot be read", e);
        }
    }

    private Optional<String> key(Faults faults) {
        return faults.optionalParameter(HEADER, request.getHeader(HEADER), IdempotentAnswers::unquoted);
    }

    private static String unquoted(String header) {
        String text = header.strip();
        if (!KEY.matcher(text).matches()) {
            throw new InvalidValueException("must be 1 to 255 visible characters of ASCII");
        }
        return text.startsWith("\"") ? text.substring(1, text.length() - 1) : text;
    }
}
